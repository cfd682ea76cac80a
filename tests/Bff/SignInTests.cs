using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Poolhouse.Bff.Store;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

public sealed class SignInTests(IdentityProvider provider)
{
    [Fact]
    public async Task A_visitor_signs_in_and_the_page_learns_who_it_is_and_no_more()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var before = await browser.Session();
        Assert.Equal((200, """{"signedIn":false,"reason":null}"""), (before.Status, before.Body));

        var user = await provider.User();
        await browser.SignIn(user);
        var session = (await browser.Session()).Json;
        Assert.True((bool)session["signedIn"]!);
        Assert.Equal((user, $"{user}@example.com"), ((string)session["claims"]!["cognito:username"]!, (string)session["claims"]!["email"]!));
        Assert.InRange((long)session["expiresIn"]!, 23 * 3600, 24 * 3600);
        Assert.DoesNotContain(session["claims"]!.AsObject(), claim => claim.Key is "nonce" or "at_hash" or "jti" or "origin_jti" or "event_id" or "iss" or "aud");
    }

    [Fact]
    public async Task The_cookie_is_a_random_handle_that_scripts_siblings_and_other_sites_cannot_touch()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var reply = await browser.SignIn(await provider.User());
        var cookie = Assert.Single(reply.SetCookies, line => line.StartsWith("__Host-Http-bff=", StringComparison.Ordinal));
        Assert.Matches("^__Host-Http-bff=[A-Za-z0-9_-]{43}; path=/; secure; samesite=strict; httponly$", cookie);
        Assert.DoesNotContain(browser.Handle!, cluster.Log.Aggregate("", (all, line) => all + line), StringComparison.Ordinal);
        Assert.NotEqual(browser.Handle, (await cluster.Held(browser)).Id);
    }

    [Fact]
    public async Task On_http_the_names_have_no_prefix_that_would_need_https()
    {
        await using var cluster = await Cluster.Start(provider, new(Url: "http://localhost:3000"));
        using var browser = new Browser(cluster);
        var reply = await browser.SignIn(await provider.User());
        Assert.Contains(reply.SetCookies, line => Regex.IsMatch(line, "^bff-dev=[A-Za-z0-9_-]{43}; path=/; samesite=strict; httponly$"));
    }

    [Fact]
    public async Task The_cookie_stays_for_the_sessions_life_only_if_that_is_asked_for()
    {
        await using var cluster = await Cluster.Start(provider, new(Options: options => options.PersistCookie = true));
        using var browser = new Browser(cluster);
        Assert.Contains((await browser.SignIn(await provider.User())).SetCookies, line => line.StartsWith("__Host-Http-bff=", StringComparison.Ordinal) && line.Contains("max-age=2592000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_answer_goes_on_by_a_navigation_that_is_our_own()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var reply = await browser.SignIn(await provider.User(), returnUrl: "/orders?a=1&b=\"2\"".Replace("\"", "%22", StringComparison.Ordinal));
        Assert.Equal(200, reply.Status);
        Assert.Contains("<meta http-equiv=\"refresh\" content=\"0;url=/orders?a=1&amp;b=%222%22\">", reply.Body, StringComparison.Ordinal);
        Assert.Equal("no-store", reply.Header("Cache-Control"));
        Assert.Contains("default-src 'none'", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/a\r\nSet-Cookie:x=y")]
    [InlineData("https://evil.example")]
    [InlineData("evil")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/a\\b")]
    [InlineData("/ü")]
    [InlineData("")]
    public async Task Only_a_path_of_this_site_is_returned_to(string url)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        Assert.Equal(400, (await browser.Go($"/bff/login?returnUrl={Uri.EscapeDataString(url)}")).Status);
        Assert.Equal(400, (await browser.Go($"/bff/logout?returnUrl={Uri.EscapeDataString(url)}")).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/orders/7?open=1#top")]
    [InlineData("/a//b@c")]
    public void A_path_of_this_site_passes(string url) => Assert.True(Endpoints.LocalUrl.IsLocal(url));

    [Fact]
    public async Task A_session_that_was_planted_before_the_sign_in_is_not_the_one_after_it()
    {
        await using var cluster = await Cluster.Start(provider);
        using var thief = await cluster.SignedIn();
        using var victim = new Browser(cluster);
        victim.Cookies["__Host-Http-bff"] = thief.Handle!;
        await victim.SignIn(await provider.User());
        Assert.NotEqual(thief.Handle, victim.Handle);
        Assert.False((bool)(await thief.Session()).Json["signedIn"]!);
    }

    [Fact]
    public async Task Who_signs_in_anew_leaves_no_session_behind()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var user = await provider.User();
        await browser.SignIn(user);
        var (former, token) = (browser.Handle!, (await cluster.Held(browser)).State.Tokens!.Refresh!);
        await browser.SignIn(user);
        Assert.True((bool)(await browser.Session()).Json["signedIn"]!);
        browser.Cookies["__Host-Http-bff"] = former;
        Assert.Equal("signed-out", (await browser.Session()).Reason);
        for (var tries = 0; tries < 100 && !cluster.Tap.Revoked.Contains(token); tries++) await Task.Delay(20);
        Assert.Contains(token, cluster.Tap.Revoked);
    }

    [Fact]
    public async Task An_answer_that_another_browser_asked_for_signs_nobody_in()
    {
        await using var cluster = await Cluster.Start(provider);
        using var attacker = new Browser(cluster);
        var answer = await attacker.ProviderAnswer(await attacker.Go("/bff/login"), await provider.User());
        using var victim = new Browser(cluster);
        var reply = await victim.Callback(answer);
        Assert.Equal((400, null), (reply.Status, victim.Handle));
        Assert.DoesNotContain(reply.SetCookies, line => line.StartsWith("__Host-Http-bff=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("code=a", "code=b")]
    [InlineData("state=", "state=x")]
    [InlineData("iss=", "iss=https%3A%2F%2Fevil.example%2F")]
    public async Task A_changed_answer_signs_nobody_in(string what, string into)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var answer = await browser.ProviderAnswer(await browser.Go("/bff/login"), await provider.User());
        var changed = what == "code=a" ? Regex.Replace(answer, "code=[^&]*", into) : answer.Replace(what, into, StringComparison.Ordinal);
        Assert.NotEqual(answer, changed);
        Assert.Equal((400, null), ((await browser.Callback(changed)).Status, browser.Handle));
    }

    [Fact]
    public async Task An_answer_is_good_once()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var answer = await browser.ProviderAnswer(await browser.Go("/bff/login"), await provider.User());
        Assert.Equal(200, (await browser.Callback(answer)).Status);
        var handle = browser.Handle;
        Assert.Equal((400, handle), ((await browser.Callback(answer)).Status, browser.Handle));
    }

    [Fact]
    public async Task Any_node_takes_the_answer_that_another_node_asked_for()
    {
        await using var cluster = await Cluster.Start(provider, new(Nodes: 2));
        using var browser = new Browser(cluster);
        await browser.SignIn(await provider.User(), node: 0, callbackNode: 1);
        Assert.True((bool)(await browser.Session(0)).Json["signedIn"]!);
    }

    [Fact]
    public async Task The_redirect_uri_comes_from_configuration_and_not_from_the_host_header()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var reply = await browser.Send("GET", "/bff/login", 0, [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")]);
        Assert.Contains("redirect_uri=https%3A%2F%2Fapp.test%2Fbff%2Fcallback&", reply.Location, StringComparison.Ordinal);
        Assert.Contains("code_challenge_method=S256", reply.Location, StringComparison.Ordinal);
        Assert.All(reply.SetCookies, line => Assert.Matches("^__Host-Http-bff-(sign-in|nonce)\\..*path=/; secure; samesite=lax; httponly$", line));
    }

    [Fact]
    public async Task A_hidden_frame_does_not_begin_a_sign_in()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        Assert.Equal(403, (await browser.Send("GET", "/bff/login", 0, [("Sec-Fetch-Dest", "iframe")])).Status);
    }

    [Fact]
    public async Task While_the_provider_is_away_signing_in_is_503()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        cluster.Nodes[0].Wire.Down = true;
        var reply = await browser.Go("/bff/login");
        Assert.Equal((503, "5"), (reply.Status, reply.Header("Retry-After")));
        cluster.Nodes[0].Wire.Down = false;
        Assert.Equal(302, (await browser.Go("/bff/login")).Status);
    }

    [Fact]
    public async Task No_key_ring_is_made_that_would_be_written_into_the_home_directory()
    {
        await using var cluster = await Cluster.Start(provider);
        Assert.Null(cluster.Nodes[0].Service<IServiceProvider>().GetService(typeof(Microsoft.AspNetCore.DataProtection.IDataProtectionProvider)));
        Assert.Null(cluster.Nodes[0].Service<IServiceProvider>().GetService(typeof(Microsoft.AspNetCore.DataProtection.KeyManagement.IKeyManager)));
    }

    [Fact]
    public async Task Signing_out_ends_the_session_here_and_at_the_provider_and_comes_back()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        var (handle, token) = (browser.Handle!, (await cluster.Held(browser)).State.Tokens!.Refresh!);
        var reply = await browser.Go("/bff/logout?returnUrl=/bye");
        Assert.Equal((303, null), (reply.Status, browser.Handle));
        Assert.Contains(token, cluster.Tap.Revoked);
        Assert.StartsWith($"{provider.Server.Url}/logout?client_id={cluster.Client.Id}&post_logout_redirect_uri=https%3A%2F%2Fapp.test%2Fbff%2Fsigned-out", reply.Location, StringComparison.Ordinal);

        var back = await browser.AtProvider("GET", reply.Location!);
        Assert.Equal("https://app.test/bff/signed-out", back.Location);
        var home = await browser.Send("GET", "/bff/signed-out", 0, [("Sec-Fetch-Site", "cross-site")]);
        Assert.Equal((303, "/bye"), (home.Status, home.Location));
        browser.Cookies["__Host-Http-bff"] = handle;
        Assert.Equal("signed-out", (await browser.Session()).Reason);
        Assert.Equal(401, (await browser.Token()).Status);
    }

    [Fact]
    public async Task Amazon_is_left_in_its_own_way_and_others_by_id_token_hint_if_that_is_wanted()
    {
        await using var amazon = await Cluster.Start(provider, new(Options: options => options.Provider = BffProvider.Cognito));
        using var one = await amazon.SignedIn();
        Assert.Equal($"{provider.Server.Url}/logout?client_id={amazon.Client.Id}&logout_uri=https%3A%2F%2Fapp.test%2Fbff%2Fsigned-out", (await one.Go("/bff/logout")).Location);

        await using var other = await Cluster.Start(provider, new(Options: options => options.SendIdTokenHint = null));
        using var two = await other.SignedIn();
        var hinted = (await two.Go("/bff/logout")).Location!;
        Assert.Contains("&id_token_hint=", hinted, StringComparison.Ordinal);
        Assert.Equal("https://app.test/bff/signed-out", (await two.AtProvider("GET", hinted)).Location);
    }

    [Fact]
    public async Task Signing_out_works_while_the_provider_is_away()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        cluster.Nodes[0].Wire.Down = true;
        Assert.Equal((303, null), ((await browser.Go("/bff/logout")).Status, browser.Handle));
        Assert.Contains(cluster.Log, line => line.Contains("6011", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Endpoints_of_the_application_may_ask_who_is_signed_in_and_are_as_safe_as_ours()
    {
        await using var cluster = await Cluster.Start(provider, new(Routes: app => app.MapGet("/mine", async (HttpContext context) =>
        {
            var result = await context.AuthenticateAsync(BffExtensions.SessionScheme);
            if (result.Succeeded) await context.Response.WriteAsync(result.Principal.FindFirst("cognito:username")!.Value);
            else await context.ChallengeAsync(BffExtensions.SessionScheme);
        })));
        using var browser = new Browser(cluster);
        Assert.Equal((401, """{"reason":null}"""), await browser.Call("/mine") is var before ? (before.Status, before.Body) : default);
        var user = await provider.User();
        await browser.SignIn(user);
        Assert.Equal((200, user), await browser.Call("/mine") is var reply ? (reply.Status, reply.Body) : default);
        Assert.Equal(403, (await browser.Send("GET", "/mine", 0, [("Sec-Fetch-Site", "same-site")])).Status);
    }

    [Fact]
    public async Task Two_cookies_of_one_name_are_none()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        var reply = await new Browser(cluster).Send("GET", "/bff/session", 0, [("X-Bff", "1"), ("Cookie", $"__Host-Http-bff={browser.Handle}; __Host-Http-bff={new string('a', 43)}")]);
        Assert.False((bool)reply.Json["signedIn"]!);
    }
}
