using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Positions from which the feed cannot be told: the reader is sent to the snapshot.</summary>
public class PositionTests(FeedFixture feed) : IClassFixture<FeedFixture>
{
    [Theory]
    [InlineData("17")]
    [InlineData("latest")]
    [InlineData("0123456789abcdef0123456789abcdef:-1")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF:1")]
    public async Task What_is_no_position_is_a_bad_request(string since)
    {
        await using var byQuery = await FeedReader.Open(feed.Server, feed.Pool, since);
        await using var byHeader = await FeedReader.Open(feed.Server, feed.Pool, lastEventId: since);
        foreach (var refused in (FeedReader[])[byQuery, byHeader]) Assert.Equal((400, "invalid_request"), (refused.Status, (string?)refused.Refusal["error"]));
    }

    [Fact]
    public async Task Another_epoch_is_gone()
    {
        await using var refused = await FeedReader.Open(feed.Server, feed.Pool, FeedReader.At(new('0', 32), 0));
        Assert.Equal((410, "position_gone"), (refused.Status, (string?)refused.Refusal["error"]));
    }

    [Fact]
    public async Task A_position_beyond_the_head_is_gone_and_an_error_in_the_log()
    {
        var (pool, crowd) = await feed.NewPool();
        await crowd.EndOne();
        var head = (await FeedSnapshot.Read(feed.Server, pool)).Head;
        await using var refused = await FeedReader.Open(feed.Server, pool, FeedReader.At(head.Epoch, 2));
        Assert.Equal((410, "position_gone"), (refused.Status, (string?)refused.Refusal["error"]));
        Assert.Contains(feed.Server.Log, line => line.StartsWith($"Error: A reader of the revocation feed of {pool} knows entry 2, the head is 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_position_after_which_something_was_forgotten_is_gone_and_a_later_one_is_not()
    {
        var (pool, crowd) = await feed.NewPool();
        for (var i = 0; i < 4; i++) await crowd.EndOne();
        var epoch = (await FeedSnapshot.Read(feed.Server, pool)).Head.Epoch;
        await Forget(pool, 2);
        await using var refused = await FeedReader.Open(feed.Server, pool, FeedReader.At(epoch, 1));
        Assert.Equal((410, "position_gone"), (refused.Status, (string?)refused.Refusal["error"]));
        await using var reader = await FeedReader.Open(feed.Server, pool, FeedReader.At(epoch, 2));
        Assert.Equal([3, 4], FeedReader.Numbers(await reader.Revoked(2)));
    }

    [Fact]
    public async Task What_another_node_has_told_is_not_beyond_the_head_though_this_one_has_not_read_it_yet()
    {
        var (pool, crowd) = await feed.NewPool();
        await using var first = await FeedReader.Open(feed.Server, pool);
        var epoch = (await first.Next("heartbeat")).Position.Epoch;
        for (var round = 1; round <= 3; round++)
        {
            // As another node commits: this one is not rung, and looks after up to 200 ms.
            await crowd.Burst(1);
            await using var moved = await FeedReader.Open(feed.Server, pool, FeedReader.At(epoch, round));
            Assert.Equal(200, moved.Status);
            Assert.Equal(round, (await moved.Next("heartbeat")).Position.Seq);
        }
        Assert.Equal(FeedReader.From(1, 3), FeedReader.Numbers(await first.Revoked(3)));
    }

    [Fact]
    public async Task A_feed_whose_end_was_forgotten_while_the_node_slept_begins_anew()
    {
        var (pool, crowd) = await feed.NewPool();
        await using var reader = await FeedReader.Open(feed.Server, pool);
        var start = (await reader.Next("heartbeat")).Position;
        await feed.Server.Service<Database>().Write(tx => tx.Execute("insert into revocation_heads (pool_id, seq) values (@pool, 3)", ("pool", pool)));

        Assert.All(await reader.ToTheEnd(), one => Assert.Equal("heartbeat", one.Name));

        await using var refused = await FeedReader.Open(feed.Server, pool, start.ToString());
        Assert.Equal(410, refused.Status);
        await crowd.EndOne();
        await using var anew = await FeedReader.Open(feed.Server, pool, FeedReader.At(start.Epoch, 3));
        Assert.Equal(4, (await anew.Next("revoked")).Position.Seq);
    }

    [Fact]
    public async Task When_a_new_epoch_begins_the_stream_ends_and_its_readers_are_told_to_begin_anew()
    {
        var (pool, _) = await feed.NewPool();
        await using var reader = await FeedReader.Open(feed.Server, pool);
        var old = (await reader.Next("heartbeat")).Position;
        await feed.Server.Service<Database>().Write(FeedEpoch.Renew);
        await reader.ToTheEnd();
        await using var refused = await FeedReader.Open(feed.Server, pool, old.ToString());
        Assert.Equal(410, refused.Status);
        var head = (await FeedSnapshot.Read(feed.Server, pool)).Head;
        Assert.NotEqual(old.Epoch, head.Epoch);
        await using var anew = await FeedReader.Open(feed.Server, pool, head.ToString());
        Assert.Equal(head, (await anew.Next("heartbeat")).Position);
    }

    [Fact]
    public async Task Of_a_pool_that_does_not_exist_there_is_no_feed()
    {
        await using var refused = await FeedReader.Open(feed.Server, "us-east-1_Nobody");
        Assert.Equal((404, "not_found"), (refused.Status, (string?)refused.Refusal["error"]));
        Assert.Equal(404, (await FeedSnapshot.Read(feed.Server, "us-east-1_Nobody")).Status);
    }

    Task Forget(string pool, long seq) => feed.Server.Service<Database>().Write(tx =>
        tx.Execute("delete from revocations where pool_id = @pool and seq = @seq", ("pool", pool), ("seq", seq)));
}
