using System.Collections.Concurrent;
using Poolhouse.Core.Sessions;
using Poolhouse.Tokens.Revocations;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>The feed as its readers rely on it: in order, without gaps, announced when it can be read, and with an epoch.</summary>
public class FeedTests
{
    static readonly Dictionary<string, Func<Tx, Session, Task>> Ends = new()
    {
        ["End"] = (tx, session) => SessionStore.End(tx, session, SessionEnd.Revoked),
        ["EndUser"] = (tx, session) => SessionStore.EndUser(tx, "p", session.UserSub, SessionEnd.SignedOut),
        ["EndAllOf"] = (tx, _) => SessionStore.EndAllOf(tx, "p"),
        ["EndClient"] = (tx, session) => SessionStore.EndClient(tx, "p", session.ClientId),
        ["EndPool"] = (tx, _) => SessionStore.EndPool(tx, "p"),
        ["Rotate"] = async (tx, session) =>
        {
            for (var spent = 0; spent < 2; spent++) await SessionStore.Rotate(tx, session.Id, spent, TimeSpan.Zero);
            Assert.Equal(Rotation.Reused, await SessionStore.Rotate(tx, session.Id, 0, TimeSpan.Zero));
        },
    };

    public static TheoryData<Product, string> Ways()
    {
        var all = new TheoryData<Product, string>();
        foreach (var way in Ends.Keys) all.AddRange((Product.Sqlite, way), (Product.Postgres, way));
        return all;
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_ends_sessions_is_announced_when_it_can_be_read(Product product, string way)
    {
        await using var test = await TestDatabase.Open(product);
        var session = await Users.SignIn(test);
        var read = new ConcurrentQueue<(string?, int)>();
        // It runs before the caller is told.
        test.Database.Changes.Watch(RevocationStore.Appended, pool => read.Enqueue((pool, Entries(test, 0).Result.Count)));

        await test.Database.Write(tx => Ends[way](tx, session));

        Assert.Equal([("p", 1)], read);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task What_ends_sessions_is_not_announced_when_the_transaction_fails(Product product, string way)
    {
        await using var test = await TestDatabase.Open(product);
        var session = await Users.SignIn(test);
        var heard = 0;
        test.Database.Changes.Watch(RevocationStore.Appended, _ => heard++);

        await Assert.ThrowsAsync<NotSupportedException>(() => test.Database.Write(async tx =>
        {
            await Ends[way](tx, session);
            throw new NotSupportedException();
        }));

        Assert.Equal(0, heard);
        Assert.Empty(await Entries(test, 0));
        Assert.Null((await new SessionStore(test.Database).Find(session.Id, default))!.RevokedAt);
    }

    [Theory, OnBoth]
    public async Task No_reader_passes_an_entry_that_appears_later_while_eight_end_sessions_at_once(Product product)
    {
        const int racers = 8, rounds = 25;
        await using var test = await TestDatabase.Open(product);
        var sessions = new List<Session>();
        for (var i = 0; i < racers * rounds; i++) sessions.Add(await Users.SignIn(test));

        var racing = Race.Together(racers, async racer =>
        {
            for (var round = 0; round < rounds; round++)
                await test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, sessions[racer * rounds + round], SessionEnd.Revoked));
            return true;
        });
        long at = 0;
        while (at < sessions.Count)
        {
            var ended = racing.IsCompleted;
            var page = await Entries(test, at);
            foreach (var entry in page) Assert.Equal(++at, entry.Seq);
            Assert.False(ended && page.Count == 0, $"the feed ends at {at}");
        }
        await racing;
    }

    [Theory, OnBoth]
    public async Task A_place_reaches_the_head_until_what_came_after_it_is_forgotten(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        for (var i = 0; i < 5; i++) await Users.End(test);
        var store = new RevocationStore(test.Database);
        Assert.True(await store.Reaches("p", 0, 5, default));

        // By its time, not by its place: a client with short access tokens is forgotten sooner.
        await test.Sql("delete from revocations where seq = 3");

        var whole = await Task.WhenAll(Enumerable.Range(0, 6).Select(after => store.Reaches("p", after, 5, default)));
        Assert.Equal([false, false, false, true, true, true], whole);
        Assert.True(await store.Reaches("of nobody", 0, 0, default));
    }

    [Theory, OnBoth]
    public async Task The_head_of_a_pool_that_has_no_entry_is_0_and_pools_have_heads_of_their_own(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Database.Write(tx => FeedEpoch.Follow(tx, null));
        await Users.End(test);
        var store = new RevocationStore(test.Database);
        var (mine, other) = (await store.Head("p", default), await store.Head("q", default));
        Assert.Equal((1, 0), (mine.Seq, other.Seq));
        Assert.Equal(mine.Epoch, other.Epoch);
        Assert.Matches("^[0-9a-f]{32}$", mine.Epoch);
    }

    [Theory, OnBoth]
    public async Task An_epoch_lasts_until_the_database_is_another(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        Assert.False(await Follow(test, null));
        var first = await Epoch(test);
        Assert.False(await Follow(test, "a/1"));
        Assert.False(await Follow(test, "a/1"));
        Assert.Equal(first, await Epoch(test));

        Assert.True(await Follow(test, "a/2"));
        var second = await Epoch(test);
        Assert.NotEqual(first, second);
        Assert.False(await Follow(test, "a/2"));
        Assert.False(await Follow(test, null));
        Assert.Equal(second, await Epoch(test));
    }

    [Theory, OnBoth]
    public async Task Of_many_nodes_that_find_another_database_one_makes_the_epoch(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await Follow(test, "0");
        for (var round = 1; round <= 20; round++)
        {
            var before = await Epoch(test);
            var made = await Race.Together(8, _ => Follow(test, $"{round}"));
            Assert.Equal(1, made.Count(one => one));
            Assert.NotEqual(before, await Epoch(test));
        }
    }

    [Theory, OnBoth]
    public async Task After_a_restore_sessions_under_the_keys_of_the_backup_are_over_and_new_ones_are_not(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await Follow(test, null);
        var (epoch, old) = (await Epoch(test), await Users.SignIn(test));
        Assert.Equal(new RefreshKey(1), await test.Database.Write(RefreshKeys.Read));

        await test.Database.Write(tx => Restoration.Declare(tx, keepSessions: false));

        var keys = await test.Database.Write(RefreshKeys.Read);
        Assert.Equal(new RefreshKey(2, Oldest: 2), keys);
        Assert.NotEqual(epoch, await Epoch(test));
        var store = new SessionStore(test.Database, keys);
        Assert.Equal(SessionEnd.Restored, (await store.Find(old.Id, default))!.EndReason);
        var user = Users.Named("new");
        await test.Database.Write(tx => UserStore.Insert(tx, user, caseSensitive: true, [], false));
        var fresh = Users.SessionOf(user, test.Database.Now) with { KeyId = keys.Id };
        await test.Database.Write(tx => SessionStore.Insert(tx, fresh));
        Assert.Null((await store.Find(fresh.Id, default))!.RevokedAt);
    }

    [Theory, OnBoth]
    public async Task After_a_restore_that_keeps_the_sessions_only_the_epoch_is_another(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await Follow(test, null);
        var epoch = await Epoch(test);
        await test.Database.Write(tx => Restoration.Declare(tx, keepSessions: true));
        Assert.Equal(new RefreshKey(1), await test.Database.Write(RefreshKeys.Read));
        Assert.NotEqual(epoch, await Epoch(test));
    }

    [Theory, OnBoth]
    public async Task A_wipe_tells_of_every_live_session_and_keeps_the_feed(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("insert into pools (id, name, region, settings, schema, created_at, modified_at) values ('p', 'P', 'r', '{}', '[]', 0, 0)");
        var ended = await Users.End(test);
        var live = new[] { await Users.SignIn(test), await Users.SignIn(test) };

        await test.Database.Write(Wipe.All);

        var feed = await Entries(test, 0);
        Assert.Equal([1, 2, 3], feed.Select(entry => entry.Seq));
        Assert.Equal(ended.Id, feed[0].Value);
        Assert.Equal(live.Select(session => session.Id).Order(), feed.Skip(1).Select(entry => entry.Value).Order());
        Assert.Equal(0, await test.Number("select count(*) from sessions"));
        Assert.Equal(4, (await AfterAnother(test)).Seq);
    }

    // The numbers go on after a wipe: a reader that was there before sees no gap.
    static async Task<Revocation> AfterAnother(TestDatabase test)
    {
        await Users.End(test);
        return (await Entries(test, 3)).Single();
    }

    static Task<List<Revocation>> Entries(TestDatabase test, long after) => new RevocationStore(test.Database).After("p", after, 1000, default);

    static Task<bool> Follow(TestDatabase test, string? lineage) => test.Database.Write(tx => FeedEpoch.Follow(tx, lineage));

    static async Task<string> Epoch(TestDatabase test) => (await new RevocationStore(test.Database).Head("p", default)).Epoch;
}
