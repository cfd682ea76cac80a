using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>What somebody can do who has a sibling subdomain, or gets a person to open a link: in a real browser, where SameSite stops none of it.</summary>
public sealed class SiblingTests(IdentityProvider provider)
{
    /// <summary>Everything that makes a browser send a request to another origin. Each comes to an end by itself, whatever came of it.</summary>
    const string Attack = """
        (async app => {
            const until = (element, ...events) => new Promise(done => { for (const event of events) element['on' + event] = done; setTimeout(done, 3000); });
            const add = async element => { const ended = until(element, 'load', 'error'); document.body.append(element); await ended; };
            const make = (name, values) => Object.assign(document.createElement(name), values);
            const all = [];
            for (const path of ['/api/orders', '/bff/token', '/bff/session', '/bff/logout', '/bff/login']) {
                for (const method of ['GET', 'POST', 'DELETE'])
                    for (const mode of ['cors', 'no-cors'])
                        for (const headers of [{}, { 'X-Bff': '1' }, { 'Content-Type': 'text/plain' }])
                            all.push(fetch(app + path, { method, mode, headers, credentials: 'include', redirect: 'manual' }).catch(() => {}));
                for (const enctype of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']) {
                    const target = 'frame' + all.length, frame = make('iframe', { name: target });
                    document.body.append(frame);
                    const form = make('form', { action: app + path, method: 'post', enctype, target });
                    form.append(make('input', { name: 'X-Bff', value: '1' }));
                    document.body.append(form);
                    all.push(until(frame, 'load', 'error'));
                    form.submit();
                }
                all.push(add(make('iframe', { src: app + path })), add(make('img', { src: app + path })), add(make('script', { src: app + path })),
                    add(make('link', { rel: 'stylesheet', href: app + path })), add(make('object', { data: app + path })));
                navigator.sendBeacon(app + path, 'x');
            }
            const socket = new WebSocket(app.replace('https', 'wss') + '/api/ws');
            all.push(until(socket, 'open', 'error'));
            all.push(until(new EventSource(app + '/api/events', { withCredentials: true }), 'open', 'error'));
            await Promise.all(all);
            return socket.readyState;
        })
        """;

    [Fact]
    public async Task Nothing_that_a_page_of_a_sibling_sends_reaches_an_API_or_ends_the_session()
    {
        await using var site = await SecureSite.Start(provider);
        var user = await provider.User();
        await site.SignIn(user, "/first");
        var handle = await site.Handle();
        await site.GoToSibling();
        Assert.NotEqual("1", await site.Browser.Run($"{Attack}('{site.Cluster.Url}')"));
        Assert.Empty(site.Cluster.Api.Calls);
        Assert.Contains(site.Cluster.Log, line => line.Contains(" 6007: ", StringComparison.Ordinal));

        await site.GoHome();
        Assert.Equal((user, handle), (await site.Name(), await site.Handle()));
        // The same attack finds what it looks for where it is no attack.
        await site.Browser.Run("fetch('/api/orders', { headers: { 'X-Bff': '1' } })");
        Assert.Single(site.Cluster.Api.Calls);
    }

    // The last part of the fourth is known to no browser, as that of __Host-Http- was to none before: __Host- has to do.
    static readonly string[] Tossed = ["__Host-Http-bff=", "__HOST-HTTP-BFF=", "__host-http-bff=", "__Host-Htpp-bff=", "=__Host-Http-bff=", "__Host-Http-bff-sign-in.x=", "__Host-Http-bff-nonce.x="];

    [Fact]
    public async Task No_cookie_that_a_sibling_tosses_at_the_app_is_kept()
    {
        await using var site = await SecureSite.Start(provider);
        using var thief = await site.Cluster.SignedIn();
        await site.GoToSibling();
        // A page with a cookie of its own, and a server that sets it for all: "plain" is protected by no prefix, and does arrive.
        foreach (var name in (string[])[.. Tossed, "plain="])
            foreach (var attributes in new[] { "Domain=app.test; Path=/; Secure", "Domain=app.test; Path=/bff; Secure; SameSite=None", "Domain=app.test; Path=/", "Domain=test; Path=/; Secure" })
            {
                var cookie = $"{name}{thief.Handle}; {attributes}";
                await site.Browser.Run($"(document.cookie = '{cookie}', fetch('/toss?cookie=' + encodeURIComponent('{cookie}; HttpOnly')).then(reply => reply.text()))");
            }
        var kept = (await site.Browser.Cookies()).Where(one => ((string)one!["value"]!).Contains(thief.Handle!, StringComparison.Ordinal)).Select(one => (string)one!["name"]!).Distinct();
        Assert.Equal(["plain"], kept);
        await site.GoHome();
        Assert.Equal("", await site.Name());
    }

    [Fact]
    public async Task A_link_with_the_answer_to_a_thiefs_own_sign_in_signs_nobody_in_as_the_thief()
    {
        await using var site = await SecureSite.Start(provider);
        using var thief = new Actors.Browser(site.Cluster);
        var answer = await thief.ProviderAnswer(await thief.Go("/bff/login"), await provider.User());
        await site.Browser.Go(answer);
        await site.Browser.Until("document.body.innerText.includes('did not work')");
        await site.GoHome();
        Assert.Equal(("", null), (await site.Name(), await site.Handle()));

        // Whoever is signed in already stays who they are.
        var user = await provider.User();
        await site.SignIn(user, "/first");
        await site.Browser.Go(await thief.ProviderAnswer(await thief.Go("/bff/login"), await provider.User()));
        await site.Browser.Until("document.body.innerText.includes('did not work')");
        await site.GoHome();
        Assert.Equal(user, await site.Name());
    }

    [Fact]
    public async Task A_session_that_was_planted_in_a_browser_is_over_once_somebody_signs_in_there()
    {
        await using var site = await SecureSite.Start(provider);
        using var thief = await site.Cluster.SignedIn();
        await site.Browser.SetCookie("__Host-Http-bff", thief.Handle!, site.Cluster.Url);
        await site.GoHome();
        Assert.NotEqual("", await site.Name());
        var user = await provider.User();
        await site.SignIn(user, "/first");
        Assert.Equal(user, await site.Name());
        Assert.NotEqual(thief.Handle, await site.Handle());
        Assert.Equal("signed-out", (await thief.Session()).Reason);
    }

    [Theory]
    [InlineData("__HOST-HTTP-BFF")]
    [InlineData("__host-http-bff")]
    public async Task A_name_that_is_not_ours_letter_by_letter_is_not_ours(string name)
    {
        await using var cluster = await Cluster.Start(provider);
        using var thief = await cluster.SignedIn();
        using var victim = await cluster.SignedIn();
        async Task<Reply> Session(string cookies) => await new Actors.Browser(cluster).Send("GET", "/bff/session", 0, [("X-Bff", "1"), ("Cookie", cookies)]);
        Assert.False((bool)(await Session($"{name}={thief.Handle}")).Json["signedIn"]!);
        foreach (var both in new[] { $"{name}={thief.Handle}; __Host-Http-bff={victim.Handle}", $"__Host-Http-bff={victim.Handle}; {name}={thief.Handle}" })
            Assert.Equal((await victim.Session()).Body, (await Session(both)).Body);
    }
}
