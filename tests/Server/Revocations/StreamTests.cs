using System.Diagnostics;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>The stream: where it begins, what it tells, and that nothing is missing from it or in it twice.</summary>
public class StreamTests(FeedFixture feed) : IClassFixture<FeedFixture>
{
    [Fact]
    public async Task Without_a_position_it_tells_what_comes_from_now_on()
    {
        var (pool, crowd) = await feed.NewPool();
        await crowd.EndOne();
        await using var reader = await FeedReader.Open(feed.Server, pool);
        Assert.Equal("text/event-stream", reader.Reply.Content.Headers.ContentType!.MediaType);
        Assert.Equal(("no-store", "no"), (reader.Reply.Headers.CacheControl!.ToString(), reader.Reply.Headers.GetValues("X-Accel-Buffering").Single()));

        var ended = await crowd.EndOne();
        var told = await reader.Next("revoked");

        Assert.Equal(("session", ended, 2), ((string?)told.Data["kind"], told.Value, told.Position.Seq));
        Assert.InRange((long)told.Data["keep_until"]! - feed.Server.Now.ToUnixTimeSeconds(), 86_400 + 100, 86_400 + 121);
        Assert.Equal(["kind", "value", "keep_until"], told.Data.Select(member => member.Key));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task From_a_position_it_tells_what_came_after_it_and_then_what_comes(long since)
    {
        var (pool, crowd) = await feed.NewPool();
        for (var i = 0; i < 3; i++) await crowd.EndOne();
        var epoch = (await FeedSnapshot.Read(feed.Server, pool)).Head.Epoch;
        await using var reader = await FeedReader.Open(feed.Server, pool, FeedReader.At(epoch, since));
        await crowd.EndOne();

        var told = await reader.Revoked(4 - (int)since);

        Assert.Equal(FeedReader.From(since + 1, 4 - (int)since), FeedReader.Numbers(told));
        Assert.All(told, one => Assert.Equal(epoch, one.Position.Epoch));
    }

    [Fact]
    public async Task The_id_of_the_last_event_goes_before_the_position_in_the_url()
    {
        var (pool, crowd) = await feed.NewPool();
        for (var i = 0; i < 5; i++) await crowd.EndOne();
        var epoch = (await FeedSnapshot.Read(feed.Server, pool)).Head.Epoch;

        await using var reader = await FeedReader.Open(feed.Server, pool, since: FeedReader.At(epoch, 1), lastEventId: FeedReader.At(epoch, 3));

        Assert.Equal([4, 5], FeedReader.Numbers(await reader.Revoked(2)));
    }

    [Fact]
    public async Task The_past_and_what_comes_join_without_a_gap_or_a_repetition_while_sessions_end_all_the_time()
    {
        var (pool, crowd) = await feed.NewPool();
        await crowd.Burst(10);
        var epoch = (await FeedSnapshot.Read(feed.Server, pool)).Head.Epoch;
        using var enough = new CancellationTokenSource();
        var ending = Task.Run(async () =>
        {
            // Without a ring the frames of the node are up to 200 ms behind the table, from which the past is told; with one they are not.
            for (var turn = 1; !enough.IsCancellationRequested; turn++) await (turn % 50 == 0 ? crowd.EndOne() : crowd.Burst(1));
        });
        for (var joined = 0; joined < 20; joined++)
        {
            var since = joined % 11;
            await using var reader = await FeedReader.Open(feed.Server, pool, FeedReader.At(epoch, since));
            var head = (await FeedSnapshot.Read(feed.Server, pool)).Head.Seq;
            var told = await reader.Revoked((int)head - since + 20);
            Assert.Equal(FeedReader.From(since + 1, told.Count), FeedReader.Numbers(told));
        }
        await enough.CancelAsync();
        await ending;
    }

    [Fact]
    public async Task Every_second_a_heartbeat_says_where_the_feed_stands_and_what_time_it_is()
    {
        var (pool, crowd) = await feed.NewPool();
        await using var reader = await FeedReader.Open(feed.Server, pool);
        var first = await reader.Next("heartbeat");
        await crowd.EndOne();
        var start = Stopwatch.GetTimestamp();
        var beats = new[] { await reader.Next("heartbeat"), await reader.Next("heartbeat"), await reader.Next("heartbeat") };

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1.5, 6);
        Assert.Equal((0, 1), (first.Position.Seq, beats[2].Position.Seq));
        Assert.All(beats, beat => Assert.Equal(beat.Id, (string?)beat.Data["head"]));
        Assert.All(beats.Skip(1).Zip(beats), pair => Assert.InRange(pair.First.Time - pair.Second.Time, 900, 3000));
        Assert.InRange(feed.Server.Now.ToUnixTimeMilliseconds() - beats[2].Time, 0, 3000);
    }

    [Fact]
    public async Task A_heartbeat_is_a_commit_and_without_one_there_is_none()
    {
        await using var server = await PoolhouseTestServer.Start(clock: new(DateTimeOffset.UnixEpoch.AddYears(56)));
        var (pool, database) = (await new Admin(server).Pool(), server.Service<Database>());
        await using var reader = await FeedReader.Open(server, pool);
        Assert.Equal(database.Now, (await reader.Next("heartbeat")).Time);

        // A server that can read and not write knows nothing of what others have committed.
        await database.Write(tx => tx.Execute("alter table nodes rename to nodes_gone"));
        server.Clock!.Advance(TimeSpan.FromSeconds(1));
        while (!server.Log.Any(line => line.StartsWith("Error: No heartbeat", StringComparison.Ordinal))) await Task.Delay(10);
        // Nor does it repeat the last one: who joins now would take it for news, and believe a server that is cut off.
        await using var late = await FeedReader.Open(server, pool);
        var (heard, heardLate) = (reader.Next("heartbeat"), late.Next("heartbeat"));
        await Task.WhenAny(heard, heardLate, Task.Delay(1000));
        Assert.False(heard.IsCompleted || heardLate.IsCompleted);
        await database.Write(tx => tx.Execute("alter table nodes_gone rename to nodes"));
        while (!heard.IsCompleted || !heardLate.IsCompleted)
        {
            server.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(10);
        }
        Assert.Equal((await heard).Time, (await heardLate).Time);
        Assert.Equal(1, await database.One("select count(*) from nodes", row => row.GetInt64(0), default));
    }

    [Fact]
    public async Task What_happens_in_one_pool_is_not_told_in_another()
    {
        var ((pool, crowd), (other, others)) = (await feed.NewPool(), await feed.NewPool());
        await using var reader = await FeedReader.Open(feed.Server, pool);
        await using var stranger = await FeedReader.Open(feed.Server, other);
        await others.EndOne();
        var mine = await crowd.EndOne();
        Assert.Equal(mine, (await reader.Next("revoked")).Value);
        Assert.Equal(1, (await stranger.Next("revoked")).Position.Seq);
    }
}
