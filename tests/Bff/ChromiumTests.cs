using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>What only a browser can show: that the Strict cookie is there at the first page after a sign-in at another site, and what another page, or a script in ours, can do.</summary>
public sealed class ChromiumTests(IdentityProvider provider)
{
    [Fact]
    public async Task In_a_real_browser_the_first_page_sees_the_session_scripts_see_nothing_and_a_sibling_can_do_nothing()
    {
        await using var site = await SecureSite.Start(provider);
        var (cluster, browser) = (site.Cluster, site.Browser);
        await site.SignIn(await provider.User(), "/first");
        await browser.Until("document.title === 'first'");
        Assert.Equal("with the cookie, from same-origin", await browser.Run("document.body.innerText.trim()"));

        // A script in the page, ours or a thief's: everything that it can reach.
        Assert.Equal("", await browser.Run("document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage)"));
        Assert.Equal("200 true", await browser.Run("fetch('/bff/session', { headers: { 'X-Bff': '1' } }).then(async reply => reply.status + ' ' + (await reply.json()).signedIn)"));
        Assert.Equal("403", await browser.Run("fetch('/bff/session').then(reply => reply.status)"));
        Assert.Equal("200", await browser.Run("fetch('/api/orders', { headers: { 'X-Bff': '1' } }).then(reply => reply.status)"));
        var cookie = Assert.Single(await browser.Cookies(), one => (string?)one!["name"] == "__Host-Http-bff")!;
        Assert.Equal((true, true, "Strict", "app.test", "/"), ((bool)cookie["httpOnly"]!, (bool)cookie["secure"]!, (string)cookie["sameSite"]!, (string)cookie["domain"]!, (string)cookie["path"]!));

        // A sibling subdomain is of the same site: its calls carry the cookie, and SameSite stops none of them.
        cluster.Api.Calls.Clear();
        await site.GoToSibling();
        foreach (var how in new[] { "", ", headers: { 'X-Bff': '1' }", ", mode: 'no-cors'", ", method: 'POST', mode: 'no-cors'" })
            Assert.DoesNotContain("200", await browser.Run($"fetch('{cluster.Url}/api/orders', {{ credentials: 'include'{how} }}).then(reply => 'status ' + reply.status, () => 'refused')"), StringComparison.Ordinal);
        await browser.Run($"new Promise(done => {{ const image = new Image(); image.onload = image.onerror = () => done(1); image.src = '{cluster.Url}/api/orders'; }})");
        Assert.Empty(cluster.Api.Calls);
        await browser.Run($"(location.href = '{cluster.Url}/bff/logout', 1)");
        await browser.Until("document.title === 'Sign out'");
        await browser.Go($"{cluster.Url}/");
        await browser.Until("location.pathname === '/' && location.host.startsWith('app')");
        Assert.Equal("true", await browser.Run("fetch('/bff/session', { headers: { 'X-Bff': '1' } }).then(async reply => (await reply.json()).signedIn)"));

        await browser.Run("(location.href = '/bff/logout?returnUrl=/first', 1)");
        await browser.Until("document.title === 'first'");
        Assert.StartsWith("without the cookie", await browser.Run("document.body.innerText.trim()"), StringComparison.Ordinal);
    }
}
