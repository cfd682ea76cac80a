using System.Net;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Feed;

/// <summary>How a guard follows a feed that behaves badly: it merges, it drops nothing, and it never calls itself fresh on what it has not heard.</summary>
public sealed class FollowTests
{
    static readonly string Before = TokenForge.NewSession();
    static readonly string After = TokenForge.NewSession();

    [Fact]
    public async Task It_begins_with_a_snapshot_and_goes_on_where_that_ends()
    {
        await using var post = await GuardPost.Start(issuer: issuer => issuer.Feed.Revoke(Before));
        Assert.Equal(["snapshot", $"{post.Feed.Epoch}:1"], post.Feed.Asked);
        await post.Revoke(After);
        await AllRefused(post, Before, After);
    }

    [Fact]
    public async Task After_a_cut_it_goes_on_where_it_was_and_fetches_no_snapshot()
    {
        await using var post = await GuardPost.Start();
        await post.Revoke(Before);
        post.Feed.Cut();
        post.Feed.Add(After);
        await post.Pumped(() => post.Status.Entries == 2);
        Assert.Equal((1, $"{post.Feed.Epoch}:1"), (post.Feed.Snapshots, post.Feed.Asked.Last()));
        await AllRefused(post, Before, After);
    }

    [Fact]
    public async Task A_new_epoch_is_merged_and_drops_nothing()
    {
        await using var post = await GuardPost.Start();
        await post.Revoke(Before);
        post.Feed.Restore(new('b', 32));
        post.Feed.Add(After);
        post.Feed.Cut();
        await post.Pumped(() => post.Status.Entries == 2);
        Assert.Equal(2, post.Feed.Snapshots);
        await AllRefused(post, Before, After);
        await post.Pumped(() => post.Status.Revocations == RevocationState.Fresh);
    }

    [Fact]
    public async Task A_new_epoch_in_the_middle_of_a_stream_is_merged_too()
    {
        await using var post = await GuardPost.Start();
        await post.Revoke(Before);
        post.Feed.Restore(new('b', 32));
        post.Feed.Revoke(After);
        await post.Pumped(() => post.Status.Entries == 2);
        await AllRefused(post, Before, After);
    }

    [Theory]
    [InlineData("entry")]
    [InlineData("heartbeat")]
    public async Task A_gap_is_closed_by_a_snapshot(string shownBy)
    {
        await using var post = await GuardPost.Start();
        post.Feed.Add(Before);
        if (shownBy == "entry") post.Feed.Revoke(After);
        else post.Feed.Beat();
        await post.Pumped(() => post.Feed.Snapshots == 2 && post.Status.Entries == (shownBy == "entry" ? 2 : 1));
        await AllRefused(post, shownBy == "entry" ? [Before, After] : [Before]);
    }

    [Fact]
    public async Task A_position_that_is_gone_is_answered_by_a_snapshot()
    {
        await using var post = await GuardPost.Start();
        post.Feed.Add(Before);
        post.Feed.InsteadOfStream = since => since.EndsWith(":0", StringComparison.Ordinal) ? new(HttpStatusCode.Gone) : null;
        post.Feed.Cut();
        await post.Pumped(() => post.Status.Entries == 1 && post.Feed.Readers == 1);
        Assert.Equal(2, post.Feed.Snapshots);
        await AllRefused(post, Before);
    }

    [Fact]
    public async Task A_feed_whose_positions_are_always_gone_is_not_asked_without_a_pause()
    {
        await using var post = await GuardPost.Start(given => given.StartupPatience = TimeSpan.Zero, issuer => issuer.Feed.InsteadOfStream = _ => new(HttpStatusCode.Gone));
        await post.Pumped(() => post.Feed.Snapshots >= 4);
        await Task.Delay(300);
        Assert.InRange(post.Feed.Snapshots, 4, 5);
        Assert.Equal(RevocationState.Blind, post.Status.Revocations);
    }

    [Theory]
    [InlineData("entries")]
    [InlineData("header")]
    [InlineData("count")]
    [InlineData("stalled")]
    public async Task A_snapshot_that_is_not_whole_forgets_nothing_and_proves_nothing(string cut)
    {
        await using var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        await post.Revoke(Before);
        post.Feed.Restore(new('b', 32));
        for (var at = 0; at < 10; at++) post.Feed.Add(TokenForge.NewSession());
        post.Feed.Carry = bytes => cut switch
        {
            "header" => new MemoryStream(bytes[..20]),
            "count" => new MemoryStream([.. bytes[..^1], 9]),
            "stalled" => new StalledStream(bytes[..80]),
            _ => new MemoryStream(bytes[..^9]),
        };
        post.Feed.Cut();
        await post.Pumped(() => post.Feed.Snapshots >= 3 && post.Status.Revocations == RevocationState.Stale);
        await AllRefused(post, Before);
        post.Feed.Carry = bytes => new MemoryStream(bytes);
        await post.Pumped(() => post.Status is { Revocations: RevocationState.Fresh, Entries: 11 });
    }

    [Theory]
    [InlineData("event: revoked\ndata: {\"kind\":\"galaxy\",\"value\":\"x\",\"keep_until\":9999999999}\n\n")]
    [InlineData("event: revoked\ndata: {\"kind\":\"session\",\"value\":\"x\",\"keep_until\":9999999999}\n\n")]
    [InlineData("event: revoked\ndata: {\"kind\":\"client\",\"value\":null,\"keep_until\":9999999999}\n\n")]
    [InlineData("event: revoked\ndata: {\"kind\":\"session\"}\n\n")]
    [InlineData("event: revoked\ndata: {\n\n")]
    public async Task A_revocation_that_it_does_not_understand_takes_its_freshness(string text)
    {
        await using var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        post.Feed.InsteadOfStream = _ => new(HttpStatusCode.ServiceUnavailable);
        post.Feed.Say($"id: {post.Feed.Epoch}:1\n{text}");
        post.Feed.Say($"id: {post.Feed.Epoch}:1\nevent: heartbeat\ndata: {{\"time\":{post.Clock.GetUtcNow().AddSeconds(60).ToUnixTimeMilliseconds()}}}\n\n");
        await post.Pumped(() => post.Log.Count("5007") > 0 && post.Status.Revocations == RevocationState.Stale);
    }

    [Fact]
    public async Task Events_of_a_kind_that_is_no_revocation_are_left_to_others()
    {
        await using var post = await GuardPost.Start();
        post.Feed.Say("event: weather\ndata: rain\n\n: a comment\n\nretry: 5\n\n");
        await post.Revoke(Before);
        Assert.Equal((1, 1), (post.Feed.Streams, post.Status.Entries));
    }

    [Fact]
    public async Task One_entry_told_twice_is_one_entry()
    {
        await using var post = await GuardPost.Start(issuer: issuer => issuer.Feed.Revoke(Before));
        await post.Revoke(After);
        post.Feed.Revoke(Before);
        await post.Beat();
        Assert.Equal(2, post.Status.Entries);
    }

    [Fact]
    public async Task After_four_seconds_of_silence_it_comes_anew()
    {
        await using var post = await GuardPost.Start();
        var began = post.Clock.GetTimestamp();
        await post.Pumped(() => post.Feed.Streams == 2);
        Assert.InRange(post.Clock.GetElapsedTime(began).TotalSeconds, 3.5, 12);
        Assert.Equal(1, post.Log.Count("fallen silent"));
    }

    static async Task AllRefused(GuardPost post, params string[] sessions)
    {
        foreach (var session in sessions) Assert.Equal(GuardRefusal.Revoked, await post.Refusal(post.Forge.Access(session)));
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access(), new() { StaleFor = TimeSpan.FromMinutes(15) }));
    }

    /// <summary>Gives what it has, and then nothing, not even an end.</summary>
    sealed class StalledStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length) await Task.Delay(Timeout.Infinite, cancellationToken);
            return Read(buffer.Span);
        }
    }
}
