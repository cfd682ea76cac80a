using System.Net;
using System.Net.WebSockets;
using Poolhouse.Bff.Store;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>Every way in which a session ends, and what the browser is told of it.</summary>
public sealed class EndTests(IdentityProvider provider)
{
    [Fact]
    public async Task A_session_that_was_revoked_says_so()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        await provider.Revoke(cluster.Client, (await cluster.Held(browser)).State.Tokens!.Refresh!);
        cluster.ExpireTokens();
        await IsOver(browser, "revoked");
        Assert.Contains(cluster.Log, line => line.Contains(" 6002: ", StringComparison.Ordinal) && line.Contains("revoked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_whose_refresh_token_somebody_else_has_used_says_so()
    {
        await using var cluster = await Cluster.Start(provider, new(Grace: 0));
        using var browser = await cluster.SignedIn();
        Assert.Equal(200, await provider.Steal(cluster.Client, (await cluster.Held(browser)).State.Tokens!.Refresh!));
        cluster.ExpireTokens();
        await IsOver(browser, "reuse");
    }

    [Fact]
    public async Task A_session_whose_refresh_token_has_expired_says_so()
    {
        await using var cluster = await Cluster.Start(provider, new(Client: """
            {"AccessTokenValidity": 2, "IdTokenValidity": 2, "RefreshTokenValidity": 3, "TokenValidityUnits": {"AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "seconds"}}
            """));
        using var browser = await cluster.SignedIn();
        await Task.Delay(3100);
        cluster.ExpireTokens();
        await IsOver(browser, "expired");
    }

    [Fact]
    public async Task A_user_who_is_disabled_is_out_with_the_next_refresh()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var user = await provider.User();
        await browser.SignIn(user);
        await provider.Admin.Call("AdminDisableUser", new() { ["UserPoolId"] = provider.Pool, ["Username"] = user });
        cluster.ExpireTokens();
        await IsOver(browser, "revoked");
    }

    [Fact]
    public async Task A_session_that_nobody_uses_ends_and_asking_is_no_use()
    {
        await using var cluster = await Cluster.Start(provider, new(Options: options => options.IdleAfter = TimeSpan.FromMinutes(30)));
        using var browser = await cluster.SignedIn();
        cluster.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(200, (await browser.Token()).Status);
        cluster.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.True((bool)(await browser.Session()).Json["signedIn"]!);
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("idle", (await browser.Session()).Reason);
        await IsOver(browser, "idle");
    }

    [Fact]
    public async Task A_session_ends_when_its_time_has_come_however_much_it_is_used()
    {
        await using var cluster = await Cluster.Start(provider, new(Options: options => (options.IdleAfter, options.EndsAfter) = (TimeSpan.FromHours(2), TimeSpan.FromHours(2))));
        using var browser = await cluster.SignedIn();
        cluster.Clock.Advance(TimeSpan.FromMinutes(110));
        Assert.Equal(200, (await browser.Token()).Status);
        Assert.InRange((long)(await browser.Session()).Json["expiresIn"]!, 1, 600);
        cluster.Clock.Advance(TimeSpan.FromMinutes(11));
        await IsOver(browser, "expired");
    }

    [Fact]
    public async Task The_feed_ends_a_session_within_a_second_and_its_WebSocket_with_it()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Nodes: 2, Feed: true));
        await Until(() => cluster.Log.Count(line => line.Contains(" 6013: ", StringComparison.Ordinal)) == 2);
        using var browser = await cluster.SignedIn();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"__Host-Http-bff={browser.Handle}");
        socket.Options.SetRequestHeader("Origin", "https://app.test");
        await socket.ConnectAsync(new UriBuilder(new Uri(cluster.Nodes[1].Address, "/api/ws")) { Scheme = "ws" }.Uri, default);

        var held = await cluster.Held(browser);
        var began = TimeProvider.System.GetTimestamp();
        await provider.Revoke(cluster.Client, held.State.Tokens!.Refresh!);
        while ((await browser.Call("/api/orders")).Status == 200 && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5)) await Task.Delay(20);
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(took < TimeSpan.FromSeconds(1), $"it took {took}");
        await IsOver(browser, "revoked");
        await Assert.ThrowsAnyAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[10], default).WaitAsync(TimeSpan.FromSeconds(3)));
        Assert.Equal(0, cluster.Tap.Refreshes);
    }

    [Fact]
    public async Task A_call_that_was_under_way_when_its_session_ended_is_told_so_and_why()
    {
        await using var cluster = await Cluster.Start(provider, new(Feed: true));
        await Until(() => cluster.Log.Any(line => line.Contains(" 6013: ", StringComparison.Ordinal)));
        using var browser = await cluster.SignedIn();
        var waiting = browser.Call("/api/slow");
        await Until(() => cluster.Api.Calls.Any(call => call.Target.EndsWith("/slow", StringComparison.Ordinal)));
        await provider.Revoke(cluster.Client, (await cluster.Held(browser)).State.Tokens!.Refresh!);
        var reply = await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((401, "revoked"), (reply.Status, reply.Reason));
    }

    [Fact]
    public async Task When_the_client_is_deleted_all_its_sessions_are_over()
    {
        await using var cluster = await Cluster.Start(provider, new(Feed: true));
        await Until(() => cluster.Log.Any(line => line.Contains(" 6013: ", StringComparison.Ordinal)));
        using var browser = await cluster.SignedIn();
        await provider.Admin.Call("DeleteUserPoolClient", new() { ["UserPoolId"] = provider.Pool, ["ClientId"] = cluster.Client.Id });
        for (var tries = 0; tries < 100 && (await browser.Token()).Status == 200; tries++) await Task.Delay(20);
        await IsOver(browser, "revoked");
    }

    [Fact]
    public async Task The_feed_is_read_with_a_token_of_its_own_where_one_is_needed()
    {
        var machine = await Machine();
        await using var cluster = await Cluster.Start(provider, new(Feed: true, Options: options => (options.FeedClientId, options.FeedClientSecret) = (machine.Id, machine.Secret)));
        await Until(() => cluster.Log.Any(line => line.Contains(" 6013: ", StringComparison.Ordinal)));
        Assert.Single(cluster.Tap.Issued);
    }

    [Fact]
    public async Task A_token_that_the_feed_no_longer_takes_is_replaced_by_another()
    {
        var machine = await Machine();
        string? first = null;
        await using var cluster = await Cluster.Start(provider, new(Feed: true, Options: options =>
        {
            (options.FeedClientId, options.FeedClientSecret) = (machine.Id, machine.Secret);
            ((Wire)options.Backchannel!).InPlaceOfFeed = request =>
                request.Headers.Authorization!.Parameter is var token && token == (first ??= token) ? new(HttpStatusCode.Unauthorized) : null;
        }));
        await Until(() => cluster.Log.Any(line => line.Contains(" 6013: ", StringComparison.Ordinal)));
        Assert.Equal(2, cluster.Tap.Issued.Count);
    }

    [Fact]
    public async Task An_administrator_lists_and_ends_the_sessions_of_a_user_on_all_nodes()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Nodes: 2));
        var user = await provider.User();
        using var laptop = new Browser(cluster);
        using var phone = new Browser(cluster);
        using var stranger = await cluster.SignedIn();
        await laptop.SignIn(user, 0);
        await phone.SignIn(user, 1);
        var sessions = cluster.Nodes[0].Service<BffSessions>();
        var subject = (await cluster.Held(laptop)).State.Subject;
        var listed = await sessions.OfUserAsync(subject);
        Assert.Equal(2, listed.Count);
        Assert.All(listed, one => Assert.Equal((subject, true), (one.Subject, one.ProviderSession is { Length: 36 })));

        Assert.True(await sessions.EndAsync(SessionVault.IdOf(phone.Handle)!));
        Assert.False(await sessions.EndAsync(SessionVault.IdOf(phone.Handle)!));
        await IsOver(phone, "revoked");
        Assert.Equal(200, (await laptop.Token(1)).Status);
        Assert.Equal(1, await sessions.EndUserAsync(subject));
        await IsOver(laptop, "revoked");
        Assert.Empty(await sessions.OfUserAsync(subject));
        Assert.Equal(200, (await stranger.Token()).Status);
        Assert.Equal(2, cluster.Tap.Revoked.Count);
    }

    [Fact]
    public async Task A_store_that_fails_is_503_and_ends_no_session()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        cluster.Nodes[0].Store.Dead = true;
        foreach (var reply in new[] { await browser.Session(), await browser.Token(), await browser.Call("/api/orders") })
            Assert.True(reply.Status == 503 && reply.Header("Retry-After") is not null, $"{reply.Status} {reply.Body}");
        cluster.Nodes[0].Store.Dead = false;
        Assert.Equal(200, (await browser.Token()).Status);
    }

    [Fact]
    public async Task A_session_that_was_sealed_under_another_key_is_none()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        var record = (await cluster.Held(browser)).Record;
        await cluster.Nodes[0].Store.TryReplaceAsync(record with { Version = record.Version + 1, Payload = new Seal(new byte[32]).Close(record.Id, new byte[10]) }, default);
        Assert.False((bool)(await browser.Session()).Json["signedIn"]!);
        Assert.Contains(cluster.Log, line => line.Contains(" 6008: ", StringComparison.Ordinal));
    }

    Task<ProviderClientKeys> Machine() => provider.Client("https://unused.test", more: """
        {"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["poolhouse/revocations.read"], "CallbackURLs": [], "LogoutURLs": []}
        """);

    static async Task IsOver(Browser browser, string reason)
    {
        foreach (var reply in new[] { await browser.Token(), await browser.Call("/api/orders") }) Assert.Equal((401, reason), (reply.Status, reply.Reason));
        var session = await browser.Session();
        Assert.Equal((200, false, reason), (session.Status, (bool)session.Json["signedIn"]!, session.Reason));
    }

    static async Task Until(Func<bool> holds)
    {
        for (var tries = 0; tries < 500 && !holds(); tries++) await Task.Delay(20);
        Assert.True(holds());
    }
}
