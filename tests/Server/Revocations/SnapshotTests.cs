using Poolhouse.Server.Tests.Actors;
using Poolhouse.Tokens.Revocations;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>The snapshot: everything that still counts, up to a head from which the stream goes on.</summary>
public class SnapshotTests(FeedFixture feed) : IClassFixture<FeedFixture>
{
    [Fact]
    public async Task It_holds_what_has_ended_and_the_stream_goes_on_where_it_stands()
    {
        var (pool, crowd) = await feed.NewPool();
        var ended = new[] { await crowd.EndOne(), await crowd.EndOne() };

        var snapshot = await FeedSnapshot.Read(feed.Server, pool);
        await using var reader = await FeedReader.Open(feed.Server, pool, snapshot.Head.ToString());
        await crowd.EndOne();

        Assert.Equal(ended, snapshot.Values);
        Assert.All(snapshot.Entries, entry => Assert.Equal(RevocationKind.Session, entry.Kind));
        Assert.InRange(feed.Server.Now.ToUnixTimeMilliseconds() - snapshot.Time, 0, 10_000);
        Assert.Equal(3, (await reader.Next("revoked")).Position.Seq);
    }

    [Fact]
    public async Task It_says_that_nothing_is_new_to_who_names_its_tag()
    {
        var (pool, crowd) = await feed.NewPool();
        var empty = await FeedSnapshot.Read(feed.Server, pool);
        Assert.Equal((200, 0, $"\"{empty.Head}\""), (empty.Status, empty.Entries.Count, empty.Tag));
        var same = await FeedSnapshot.Read(feed.Server, pool, empty.Tag);
        Assert.Equal((304, empty.Tag), (same.Status, same.Tag));

        await crowd.EndOne();

        var other = await FeedSnapshot.Read(feed.Server, pool, empty.Tag);
        Assert.Equal((200, 1), (other.Status, other.Entries.Count));
        Assert.NotEqual(empty.Tag, other.Tag);
    }

    [Fact]
    public async Task Expired_entries_are_left_out_though_they_are_not_deleted_yet()
    {
        var (pool, crowd) = await feed.NewPool();
        await crowd.Burst(3, keepMs: -1000);
        var live = await crowd.EndOne();
        var snapshot = await FeedSnapshot.Read(feed.Server, pool);
        Assert.Equal([live], snapshot.Values);
        Assert.Equal(4, snapshot.Head.Seq);
    }

    [Fact]
    public async Task A_deleted_client_and_a_deleted_pool_are_one_mark_each()
    {
        var app = await App.Start(feed.Server);
        var sibling = await App.Start(feed.Server, poolId: app.PoolId);
        await using var reader = await FeedReader.Open(feed.Server, app.PoolId);
        await app.Admin.Call("DeleteUserPoolClient", new() { ["UserPoolId"] = app.PoolId, ["ClientId"] = sibling.ClientId });
        var snapshot = await FeedSnapshot.Read(feed.Server, app.PoolId);
        Assert.Equal([(RevocationKind.Client, sibling.ClientId)], snapshot.Entries.Select(entry => (entry.Kind, entry.Value)));
        Assert.InRange(snapshot.Entries[0].KeepUntil - feed.Server.Now.ToUnixTimeSeconds(), 86_400 + 100, 86_400 + 121);

        await app.Admin.Call("DeleteUserPool", new() { ["UserPoolId"] = app.PoolId });

        // The mark of the pool is the last that its readers are told.
        var told = (await reader.ToTheEnd()).Where(one => one.Name == "revoked").ToList();
        Assert.Equal([("client", sibling.ClientId), ("pool", app.PoolId)], told.Select(one => ((string?)one.Data["kind"], one.Value)));
        Assert.Equal(404, (await FeedSnapshot.Read(feed.Server, app.PoolId)).Status);
    }

    [Fact]
    public async Task Many_pages_come_whole()
    {
        var (pool, crowd) = await feed.NewPool();
        await crowd.Burst(12_345);
        var snapshot = await FeedSnapshot.Read(feed.Server, pool);
        Assert.Equal((12_345, 12_345), (snapshot.Entries.Count, snapshot.Values.Distinct().Count()));
    }
}
