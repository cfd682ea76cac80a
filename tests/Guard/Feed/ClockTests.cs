using System.Net;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Feed;

/// <summary>Clocks that are wrong, and heartbeats that are late: neither makes old knowledge young, an expired token good or a good one expired (security.md F4).</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task A_heartbeat_that_lay_in_a_buffer_for_a_minute_is_a_minute_old()
    {
        await using var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        var made = post.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        post.Feed.InsteadOfStream = _ => new(HttpStatusCode.ServiceUnavailable);
        // Entries get through meanwhile, or the silence alone would end the connection.
        for (var entries = 1; entries <= 20; entries++)
        {
            post.Pass(3);
            post.Feed.Revoke(TokenForge.NewSession());
            await GuardPost.Until(() => post.Status.Entries == entries);
        }
        post.Feed.Say($"id: {post.Feed.Epoch}:{post.Feed.Head}\nevent: heartbeat\ndata: {{\"time\":{made}}}\n\n");
        await GuardPost.Until(() => post.Log.Count("come late") == 1);
        Assert.InRange(post.Status.Lag!.Value.TotalSeconds, 59.9, 60.1);
        Assert.Equal(RevocationState.Stale, post.Status.Revocations);
    }

    [Fact]
    public async Task Heartbeats_that_come_later_and_later_are_seen_through()
    {
        await using var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        post.Feed.InsteadOfStream = _ => new(HttpStatusCode.ServiceUnavailable);
        var made = post.Clock.GetUtcNow();
        for (var delay = 0.5; delay <= 4; delay += 0.5)
        {
            // Made half a second after the one before, heard a second after it.
            made = made.AddSeconds(0.5);
            post.Pass(1);
            post.Feed.Say($"id: {post.Feed.Epoch}:0\nevent: heartbeat\ndata: {{\"time\":{made.ToUnixTimeMilliseconds()}}}\n\n");
            await GuardPost.Until(() => Math.Abs(post.Status.Lag!.Value.TotalSeconds - delay) < 0.1);
            Assert.Equal(delay <= 3 ? RevocationState.Fresh : RevocationState.Stale, post.Status.Revocations);
        }
    }

    [Fact]
    public async Task The_first_heartbeat_of_a_connection_may_be_as_old_as_the_connection()
    {
        await using var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        post.Feed.BeatsAtOnce = false;
        post.Feed.Cut();
        await post.Pumped(() => post.Feed.Readers == 1);
        post.Feed.Holding = true;
        post.Feed.Beat();
        post.Pass(3.5);
        post.Feed.InsteadOfStream = _ => new(HttpStatusCode.ServiceUnavailable);
        post.Feed.Release();
        await GuardPost.Until(() => post.Status.Lag < TimeSpan.FromSeconds(2.7));
        Assert.InRange(post.Status.Lag!.Value.TotalSeconds, 2.4, 2.7);
        // All the others lie in the buffer as long; after ten seconds it is asked again, since a new connection may know better.
        for (var second = 0; second < 11 && post.Log.Count("come late") == 0; second++)
        {
            post.Pass(1);
            post.Feed.Say($"id: {post.Feed.Epoch}:0\nevent: heartbeat\ndata: {{\"time\":{post.Clock.GetUtcNow().AddSeconds(-3.5).ToUnixTimeMilliseconds()}}}\n\n");
            post.Feed.Release();
            await Task.Delay(20);
        }
        Assert.Equal(1, post.Log.Count("come late"));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_servers_clock_that_is_set_by_a_minute_leaves_the_guard_fresh(int seconds)
    {
        await using var post = await GuardPost.Start();
        var session = TokenForge.NewSession();
        await post.Revoke(session);
        post.Feed.Ahead = TimeSpan.FromSeconds(seconds);
        post.Feed.Beat();
        await post.Pumped(() => Math.Abs(post.Guard.Now - (post.Clock.GetUtcNow() + post.Feed.Ahead).ToUnixTimeMilliseconds()) < 1000);
        await post.Pumped(() => post.Status.Revocations == RevocationState.Fresh);
        Assert.True(post.Feed.Streams <= 2);
        Assert.Equal(GuardRefusal.Revoked, await post.Refusal(post.Forge.Access(session)));
        post.Feed.Ahead = default;
        post.Feed.Beat();
        await post.Pumped(() => post.Status.Revocations == RevocationState.Fresh && Math.Abs(post.Guard.Now - post.Clock.GetUtcNow().ToUnixTimeMilliseconds()) < 1000);
        Assert.Equal(GuardRefusal.Revoked, await post.Refusal(post.Forge.Access(session)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_guards_own_wall_clock_decides_nothing_once_the_feed_is_heard(int hours)
    {
        await using var post = await GuardPost.Start();
        var (good, expired) = (post.Forge.Access(null, ("exp", post.Forge.Now + 60)), post.Forge.Access(null, ("exp", post.Forge.Now)));
        var early = post.Forge.Access(null, ("nbf", post.Forge.Now + 60));
        post.Wall.Ahead = TimeSpan.FromHours(hours);
        Assert.Equal((GuardRefusal.None, GuardRefusal.Expired), (await post.Refusal(good), await post.Refusal(expired)));
        Assert.Equal(GuardRefusal.NotYetValid, await post.Refusal(early));
        Assert.Equal(RevocationState.Fresh, post.Status.Revocations);
        post.Pass(60);
        Assert.Equal(GuardRefusal.Expired, await post.Refusal(good));
    }

    [Fact]
    public async Task A_guard_whose_clock_is_wrong_from_the_start_goes_by_the_servers()
    {
        await using var post = await GuardPost.Start(issuer: issuer => issuer.Feed.Ahead = TimeSpan.FromHours(2));
        Assert.Equal(GuardRefusal.Expired, await post.Refusal(post.Forge.Access()));
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access(null, ("exp", post.Forge.Now + 7260))));
    }

    [Fact]
    public async Task Leeway_is_for_both_ends()
    {
        await using var post = await GuardPost.StartPlain(given => given.Leeway = TimeSpan.FromSeconds(10));
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access(null, ("exp", post.Forge.Now - 9))));
        Assert.Equal(GuardRefusal.Expired, await post.Refusal(post.Forge.Access(null, ("exp", post.Forge.Now - 10))));
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access(null, ("nbf", post.Forge.Now + 10))));
        Assert.Equal(GuardRefusal.NotYetValid, await post.Refusal(post.Forge.Access(null, ("nbf", post.Forge.Now + 11))));
    }

    [Fact]
    public async Task Entries_leave_only_when_the_servers_clock_says_so()
    {
        await using var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        var session = TokenForge.NewSession();
        post.Feed.Revoke(session, keepUntil: post.Forge.Now + 100);
        await GuardPost.Until(() => post.Status.Entries == 1);
        post.Wall.Ahead = TimeSpan.FromHours(1);
        var until = post.Clock.GetUtcNow().AddSeconds(90);
        await post.Pumped(() => post.Clock.GetUtcNow() > until, 1000);
        Assert.Equal(1, post.Status.Entries);
        await post.Pumped(() => post.Status.Entries == 0, 1000);
        Assert.True(post.Clock.GetUtcNow() >= until.AddSeconds(10));
    }
}
