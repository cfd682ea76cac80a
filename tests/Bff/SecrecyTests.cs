using System.Text;
using Poolhouse.Bff.Store;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>Where tokens must not be: in anything that a browser gets, in any log, in any store.</summary>
public sealed class SecrecyTests(IdentityProvider provider)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_the_browser_gets_holds_a_token_but_the_one_reply_that_may_hold_the_access_token(bool handsOut)
    {
        await using var cluster = await Cluster.Start(provider, new(Options: options => (options.HandOutAccessTokens, options.SendIdTokenHint) = (handsOut, false)));
        using var browser = await cluster.SignedIn();
        await browser.Session();
        var access = (await cluster.Held(browser)).State.Tokens!.Access;
        Assert.Equal(handsOut ? 200 : 404, (await browser.Token()).Status);
        await browser.Call("/api/orders");
        cluster.ExpireTokens();
        await browser.Call("/api/orders");
        await browser.Call("/api/x", method: "POST", body: "x");
        await browser.Send("GET", "/bff/session", 0, []);
        await browser.Go("/bff/logout");
        await browser.Session();

        Assert.Equal(6, cluster.Tap.Issued.Count);
        var seen = string.Join('\n', browser.Seen) + string.Join('\n', browser.Cookies.Values);
        foreach (var token in cluster.Tap.Issued)
        {
            // Its payload and signature too: neither whole nor in parts.
            var parts = token.Split('.') is [_, var payload, var signature] ? [token, payload, signature] : new[] { token };
            Assert.All(parts, part => Assert.Equal(handsOut && token == access, seen.Contains(part, StringComparison.Ordinal)));
            Assert.DoesNotContain(cluster.Log, line => parts.Any(part => line.Contains(part, StringComparison.Ordinal)));
        }
        Assert.DoesNotContain(cluster.Client.Secret, seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    [InlineData(StoreKind.Redis)]
    public async Task Who_reads_the_store_finds_no_token_no_handle_and_no_name(StoreKind kind)
    {
        await using var cluster = await Cluster.Start(provider, new(kind));
        using var browser = new Browser(cluster);
        var user = await provider.User();
        await browser.SignIn(user);
        cluster.ExpireTokens();
        Assert.Equal(200, (await browser.Token()).Status);
        var held = await cluster.Held(browser);

        var dump = await cluster.Store.Dump();
        Assert.Contains(held.Id, dump, StringComparison.Ordinal);
        string[] canaries = [browser.Handle!, user, $"Canary {user}", held.State.Subject, held.State.ProviderSession!, .. cluster.Tap.Issued];
        foreach (var canary in canaries)
        {
            Assert.DoesNotContain(canary, dump, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(canary)).TrimEnd('=')[..^2], dump, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_restart_keeps_sessions_and_a_new_node_knows_them()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite));
        using var browser = await cluster.SignedIn();
        await cluster.Nodes[0].DisposeAsync();
        cluster.Nodes.Clear();
        await cluster.Add();
        Assert.Equal(200, (await browser.Token()).Status);
    }

    [Fact]
    public void What_is_sealed_for_one_session_opens_for_no_other_and_not_when_it_was_changed()
    {
        var seal = new Seal(Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef"));
        var text = seal.Close("a", "secret"u8);
        Assert.Equal("secret"u8.ToArray(), seal.Open("a", text));
        Assert.Null(seal.Open("b", text));
        Assert.Null(new Seal(new byte[32]).Open("a", text));
        var bytes = Convert.FromBase64String(text);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 1;
            Assert.Null(seal.Open("a", Convert.ToBase64String(bytes)));
            bytes[at] ^= 1;
        }
        Assert.Null(seal.Open("a", "not base64"));
        Assert.Null(seal.Open("a", ""));
        Assert.NotEqual(text, seal.Close("a", "secret"u8));
    }
}
