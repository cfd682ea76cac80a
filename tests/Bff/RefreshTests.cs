using System.Net;
using Poolhouse.Bff.Store;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>One refresh at a time for a session, whichever nodes its calls arrive at.</summary>
public sealed class RefreshTests(IdentityProvider provider)
{
    /// <summary>Every store that several nodes can share, with the provider's usual grace and without any.</summary>
    public static TheoryData<StoreKind, int> Shared => new()
    {
        { StoreKind.Sqlite, 10 }, { StoreKind.Postgres, 10 }, { StoreKind.Redis, 10 }, { StoreKind.Sqlite, 0 }, { StoreKind.Postgres, 0 }, { StoreKind.Redis, 0 },
    };

    [Theory, MemberData(nameof(Shared))]
    public async Task Fifty_calls_at_three_nodes_cost_one_refresh_for_each_generation_and_sign_nobody_out(StoreKind store, int grace)
    {
        await using var cluster = await Cluster.Start(provider, new(store, Nodes: 3, Grace: grace, Options: Patient));
        using var browser = await cluster.SignedIn();
        for (var generation = 1; generation <= 3; generation++)
        {
            cluster.ExpireTokens();
            var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(call => call % 2 == 0 ? browser.Token(call % 3) : browser.Call("/api/orders", call % 3)));
            Assert.All(replies, reply => Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}"));
            Assert.Equal(generation, cluster.Tap.Refreshes);
            Assert.Single(replies.Where(reply => reply.Body.StartsWith('{')).Select(reply => (string)reply.Json["accessToken"]!).Distinct());
        }
        Assert.Equal(3, cluster.Tap.Presented.Distinct().Count());
        Assert.True((bool)(await browser.Session(2)).Json["signedIn"]!);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    [InlineData(StoreKind.Redis)]
    public async Task A_node_that_dies_between_the_providers_reply_and_its_commit_takes_no_session_with_it(StoreKind store)
    {
        await using var cluster = await Cluster.Start(provider, new(store, Nodes: 3, Options: Quick));
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        var dying = cluster.Nodes[0];
        dying.Wire.AfterRefresh = () =>
        {
            dying.Store.Dead = true;
            return Task.CompletedTask;
        };
        var last = browser.Token(0);
        while (!dying.Store.Dead) await Task.Delay(10);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(call => browser.Token(1 + (call % 2))));
        Assert.All(replies, reply => Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}"));
        Assert.Equal(503, (await last).Status);
        Assert.Equal((2, 1), (cluster.Tap.Refreshes, cluster.Tap.Presented.Distinct().Count()));
        Assert.Contains(cluster.Log, line => line.Contains(" 6004: ", StringComparison.Ordinal));

        // What came of it is the live leaf of the family: the next generation follows from it.
        cluster.ExpireTokens();
        Assert.Equal(200, (await browser.Token(2)).Status);
        Assert.Equal((3, 2), (cluster.Tap.Refreshes, cluster.Tap.Presented.Distinct().Count()));
    }

    [Fact]
    public async Task A_node_that_comes_back_late_overwrites_nothing()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Nodes: 2, Options: Quick));
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        var slow = cluster.Nodes[0];
        var (asked, woken) = (new TaskCompletionSource(), new TaskCompletionSource());
        slow.Wire.AfterRefresh = async () =>
        {
            // It stands still: neither its beats arrive nor does it go on.
            slow.Store.Dead = true;
            asked.SetResult();
            await woken.Task;
        };
        var late = browser.Token(0);
        await asked.Task;
        Assert.Equal(200, (await browser.Token(1)).Status);
        cluster.ExpireTokens();
        Assert.Equal(200, (await browser.Token(1)).Status);
        var newest = (await cluster.Held(browser)).State.Tokens!;

        (slow.Store.Dead, slow.Wire.AfterRefresh) = (false, null);
        woken.SetResult();
        var reply = await late;
        Assert.True(reply.Status is 200 or 503, reply.Body);
        Assert.Contains(cluster.Log, line => line.Contains(" 6009: ", StringComparison.Ordinal));
        Assert.Equal(newest, (await cluster.Held(browser)).State.Tokens);
        Assert.Equal(newest.Access, (string)(await browser.Token(0)).Json["accessToken"]!);
    }

    [Fact]
    public async Task An_owner_that_is_slow_but_alive_is_waited_for()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Nodes: 2, Grace: 0, Options: Quick));
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        var asked = new TaskCompletionSource();
        cluster.Nodes[0].Wire.AfterRefresh = async () =>
        {
            asked.SetResult();
            await Task.Delay(4000);
        };
        var slow = browser.Token(0);
        await asked.Task;
        var replies = await Task.WhenAll(slow, browser.Token(1), browser.Token(1));
        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Equal(1, cluster.Tap.Refreshes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_that_is_lost_or_late_is_asked_for_again_with_the_same_token(bool lost)
    {
        await using var cluster = await Cluster.Start(provider, new(Options: options => options.ProviderTimeout = TimeSpan.FromSeconds(lost ? 60 : 3)));
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        var wire = cluster.Nodes[0].Wire;
        wire.AfterRefresh = () =>
        {
            wire.AfterRefresh = null;
            return lost ? throw new HttpRequestException("The connection broke.") : Task.Delay(Timeout.Infinite);
        };
        Assert.Equal(200, (await browser.Token()).Status);
        Assert.Single(cluster.Tap.Presented.Distinct());
        Assert.InRange(cluster.Tap.Refreshes, 2, lost ? 2 : 3);
    }

    [Fact]
    public async Task An_outage_is_503_and_the_session_goes_on_after_it()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Nodes: 2));
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        foreach (var node in cluster.Nodes) node.Wire.Down = true;
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            foreach (var reply in await Task.WhenAll(browser.Token(0), browser.Call("/api/orders", 1)))
                Assert.True(reply.Status == 503 && int.Parse(reply.Header("Retry-After")!, null) is >= 1 and <= 6, $"{reply.Status} {reply.Body}");
            Assert.True((bool)(await browser.Session()).Json["signedIn"]!);
            await Task.Delay(100);
        }
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(3));
        foreach (var node in cluster.Nodes) node.Wire.Down = false;
        var after = await browser.Token(1);
        for (var tries = 0; tries < 40 && after.Status == 503; tries++)
        {
            await Task.Delay(100);
            after = await browser.Token(1);
        }
        Assert.Equal((200, 1), (after.Status, cluster.Tap.Refreshes));
    }

    [Theory]
    [InlineData(429, "")]
    [InlineData(500, "{\"error\":\"server_error\"}")]
    [InlineData(503, "<html>")]
    [InlineData(400, "{\"error\":\"invalid_client\"}")]
    [InlineData(401, "{\"error\":\"invalid_client\"}")]
    [InlineData(400, "{\"error\":\"invalid_request\"}")]
    [InlineData(401, "{\"error\":\"invalid_grant\"}")]
    [InlineData(400, "<html>")]
    [InlineData(200, "{}")]
    [InlineData(200, "[]")]
    [InlineData(302, "")]
    public async Task Nothing_but_a_definite_invalid_grant_ends_a_session(int status, string body)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        cluster.Nodes[0].Wire.InPlaceOfRefresh = () => new((HttpStatusCode)status) { Content = new StringContent(body), Headers = { RetryAfter = new(TimeSpan.FromSeconds(1)) } };
        Assert.Equal(503, (await browser.Token()).Status);
        Assert.True((bool)(await browser.Session()).Json["signedIn"]!);
        cluster.Nodes[0].Wire.InPlaceOfRefresh = null;
        cluster.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await browser.Token()).Status);
    }

    [Fact]
    public async Task A_token_that_is_still_good_is_used_while_the_provider_is_away_and_replaced_ahead_of_its_end()
    {
        await using var cluster = await Cluster.Start(provider, new(Options: options => options.RefreshAhead = TimeSpan.FromMinutes(5)));
        using var browser = await cluster.SignedIn();
        var first = (string)(await browser.Token()).Json["accessToken"]!;
        cluster.Clock.Advance(TimeSpan.FromMinutes(58));
        cluster.Nodes[0].Wire.Down = true;
        Assert.Equal(first, (string)(await browser.Token()).Json["accessToken"]!);
        for (var tries = 0; tries < 200 && !cluster.Log.Any(line => line.Contains(" 6005: ", StringComparison.Ordinal)); tries++) await Task.Delay(20);
        Assert.Equal(first, (string)(await browser.Token()).Json["accessToken"]!);

        cluster.Nodes[0].Wire.Down = false;
        cluster.Clock.Advance(TimeSpan.FromSeconds(5));
        var now = first;
        for (var tries = 0; tries < 200 && now == first; tries++)
        {
            await Task.Delay(20);
            var reply = await browser.Token();
            Assert.Equal(200, reply.Status);
            now = (string)reply.Json["accessToken"]!;
        }
        Assert.NotEqual(first, now);
        Assert.Equal(1, cluster.Tap.Refreshes);
    }

    [Fact]
    public async Task Sessions_that_were_born_together_are_not_refreshed_together()
    {
        await using var cluster = await Cluster.Start(provider);
        var lifetimes = cluster.Nodes[0].Service<Refreshing.TokenLifetimes>();
        var moments = Enumerable.Range(0, 1000).Select(_ => lifetimes.Of(new("a", "r", null, 3600))).Select(tokens => (tokens.ExpiresAt - tokens.RefreshAt) / 1000.0).ToList();
        Assert.All(moments, ahead => Assert.InRange(ahead, 60, 90));
        Assert.True(moments.Max() - moments.Min() > 20);
        Assert.InRange((lifetimes.Of(new("a", "r", null, 15)) is { } brief ? brief.ExpiresAt - brief.RefreshAt : 0) / 1000.0, 5, 7.5);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_does_not_stop_the_refresh()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Nodes[0].Wire.AfterRefresh = async () =>
        {
            asked.SetResult();
            await go.Task;
        };
        using (var impatient = new HttpClient())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(cluster.Nodes[0].Address, "/bff/token")) { Headers = { { "X-Bff", "1" }, { "Cookie", $"__Host-Http-bff={browser.Handle}" } } };
            using var stop = new CancellationTokenSource();
            var call = impatient.SendAsync(request, stop.Token);
            await asked.Task;
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }
        cluster.Nodes[0].Wire.AfterRefresh = null;
        go.SetResult();
        Assert.Equal(200, (await browser.Token()).Status);
        Assert.Equal(1, cluster.Tap.Refreshes);
    }

    [Fact]
    public async Task A_session_that_is_ended_in_the_middle_of_its_refresh_stays_ended_and_its_new_token_dies()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        cluster.ExpireTokens();
        var id = SessionVault.IdOf(browser.Handle)!;
        cluster.Nodes[0].Wire.AfterRefresh = async () => await cluster.Nodes[0].Service<SessionVault>().End(id, EndReason.SignedOut, "test", null, default);
        Assert.Equal((401, "signed-out"), (await browser.Token() is { } reply ? (reply.Status, reply.Reason) : default));
        Assert.Contains(cluster.Tap.Revoked, cluster.Tap.Issued.Contains);
    }

    // The machine that tests may stand still for seconds; nobody is to be taken for dead because of it.
    static void Patient(BffOptions options) => options.TakeOverAfter = TimeSpan.FromSeconds(30);

    static void Quick(BffOptions options) => options.TakeOverAfter = TimeSpan.FromSeconds(1.2);
}
