using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Sessions;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Streams of security events: one pusher at a time, a place that never jumps over what is open, and streams that end with their owners.</summary>
public class SsfTests
{
    static readonly TimeSpan Term = TimeSpan.FromSeconds(15);
    static readonly SsfSettings Pushed = new(SsfMethod.Push, "https://receiver.example.com/", null, null, true, null);
    static readonly SsfSettings Polled = new(SsfMethod.Poll, null, null, null, true, null);

    [Theory, OnBoth]
    public async Task Of_many_that_want_to_push_one_gets_the_lease(Product product)
    {
        await using var test = await Open(product);
        var id = "";
        await Race.OneWinner(
            async _ => id = await Stream(test, Pushed),
            (_, _) => test.Database.Write(tx => SsfDeliveryStore.Take(tx, id, Ids.Uuid(), Term)), rounds: 15);
    }

    [Theory, OnBoth]
    public async Task A_lease_that_lapsed_can_be_taken_and_who_held_it_moves_nothing_any_more(Product product)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var test = await Open(product, clock);
        var id = await Stream(test, Pushed);
        Assert.True(await Take(test, id, "one"));
        Assert.False(await Take(test, id, "two"));
        var held = await Find(test, id);
        clock.Advance(Term);
        Assert.True(await Take(test, id, "two"));
        Assert.False(await test.Database.Write(tx => SsfDeliveryStore.Advance(tx, held, 1, "one", Term)));
        await test.Database.Write(tx => SsfDeliveryStore.Fail(tx, id, "one", "late", Term));
        await test.Database.Write(tx => SsfDeliveryStore.Release(tx, id, "one"));
        var now = await Find(test, id);
        Assert.Equal((0, "two", null), (now.Seq, now.Lease, now.Health.Trouble));
        Assert.True(await test.Database.Write(tx => SsfDeliveryStore.Advance(tx, now, 1, "two", Term)));
    }

    [Theory, OnBoth]
    public async Task The_place_moves_from_where_it_was_read_and_once(Product product)
    {
        await using var test = await Open(product);
        var id = await Stream(test, Pushed);
        await Take(test, id, "one");
        await Race.OneWinner(
            _ => Task.CompletedTask,
            async (round, _) =>
            {
                var read = await Find(test, id) with { Seq = round };
                return await test.Database.Write(tx => SsfDeliveryStore.Advance(tx, read, round + 1, "one", Term));
            },
            rounds: 20);
        Assert.Equal(20, (await Find(test, id)).Seq);
    }

    [Theory, OnBoth]
    public async Task A_stream_is_due_when_something_waits_it_may_try_and_nobody_has_it(Product product)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var test = await Open(product, clock);
        var (id, store) = (await Stream(test, Pushed), new SsfDeliveryStore(test.Database));
        Assert.Empty(await store.Due(10, default));
        await End(test);
        Assert.Equal([id], await store.Due(10, default));
        await Take(test, id, "one");
        Assert.Empty(await store.Due(10, default));
        await test.Database.Write(tx => SsfDeliveryStore.Fail(tx, id, "one", "HTTP 500", TimeSpan.FromMinutes(1)));
        await test.Database.Write(tx => SsfDeliveryStore.Release(tx, id, "one"));
        Assert.Empty(await store.Due(10, default));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([id], await store.Due(10, default));
        await test.Database.Write(tx => SsfStreamStore.SetStatus(tx, id, SsfStatus.Paused, null));
        Assert.Empty(await store.Due(10, default));
        Assert.False(await store.Pushes(default));
    }

    [Theory, OnBoth]
    public async Task Acknowledged_by_many_at_once_and_in_any_order_nothing_open_is_jumped_over(Product product)
    {
        await using var test = await Open(product);
        var (id, store) = (await Stream(test, Polled), new SsfDeliveryStore(test.Database));
        for (var i = 0; i < 30; i++) await End(test);
        // All but the 7th, each in an acknowledgement of its own, while more is appended.
        await Race.Together(40, async racer =>
        {
            if (racer < 30 && racer != 6) await test.Database.Write(tx => SsfDeliveryStore.Acknowledge(tx, id, [racer + 1], []));
            else if (racer >= 30) await End(test);
            return true;
        });
        Assert.Equal(6, (await Find(test, id)).Seq);
        Assert.Equal([7, .. Enumerable.Range(31, 10)], (await store.Entries(await Find(test, id), 100, default)).Select(entry => (int)entry.Seq));
        await test.Database.Write(tx => SsfDeliveryStore.Acknowledge(tx, id, [.. Enumerable.Range(7, 1), .. Enumerable.Range(31, 10)], []));
        Assert.Equal(40, (await Find(test, id)).Seq);
        Assert.Equal(0, await test.Number("select count(*) from ssf_acks"));
    }

    [Theory, OnBoth]
    public async Task A_deleted_owner_leaves_no_stream_even_if_one_is_made_at_that_moment(Product product)
    {
        await using var test = await Open(product);
        for (var round = 0; round < 20; round++)
        {
            var client = Ids.ClientId();
            await test.Sql($"insert into clients (id, pool_id, name, settings, access_ms, access_ms_before, access_changed_at, created_at, modified_at) values ('{client}', 'p', 'n', '{{}}', 1, 1, 0, 0, 0)");
            await Task.WhenAll(
                Task.Run(() => test.Database.Write(tx => SsfStreamStore.Create(tx, Ids.Uuid(), "p", client, Polled))),
                Task.Run(() => test.Database.Write(tx => ClientStore.Delete(tx, client))));
        }
        await Stream(test, Polled);
        await test.Database.Write(tx => PoolStore.Delete(tx, "p"));
        Assert.Equal(SsfCreation.Gone, await test.Database.Write(tx => SsfStreamStore.Create(tx, Ids.Uuid(), "p", "", Polled)));
        Assert.Equal(0, await test.Number("select count(*) from ssf_streams"));
    }

    [Theory, OnBoth]
    public async Task Abandoned_streams_and_what_they_leave_are_purged(Product product)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var test = await Open(product, clock);
        var (polled, pushed) = (await Stream(test, Polled), await Stream(test, Pushed));
        await test.Database.Write(tx => SsfStreamStore.Verify(tx, polled, Ids.Uuid(), "x"));
        await test.Sql($"insert into ssf_acks (stream_id, seq) values ('{polled}', 3)");
        clock.AdjustTime(clock.GetUtcNow().AddDays(31));
        foreach (var sql in (string[])[SsfStreamStore.PurgeSql, SsfStreamStore.PurgeAcksSql, SsfStreamStore.PurgeVerificationsSql])
            await test.Database.Write(tx => tx.Execute(sql, ("now", tx.Now), ("limit", 100L)));
        Assert.Equal((1, 0, 0), (await test.Number("select count(*) from ssf_streams"), await test.Number("select count(*) from ssf_acks"), await test.Number("select count(*) from ssf_verifications")));
        Assert.NotNull(await Streams(test).Find(pushed, default));
    }

    [Theory, OnBoth]
    public async Task A_receivers_header_opens_for_its_own_stream_and_address_only(Product product)
    {
        await using var test = await Open(product);
        var streams = Streams(test);
        var id = Ids.Uuid();
        var settings = Pushed with { SealedHeader = streams.Seal(id, Pushed.EndpointUrl!, "Bearer x") };
        await test.Database.Write(tx => SsfStreamStore.Create(tx, id, "p", "", settings));
        Assert.Equal("Bearer x", streams.Header(await Find(test, id)));
        await test.Sql("update ssf_streams set endpoint_url = 'https://evil.example.com/'");
        var moved = await Find(test, id);
        Assert.Throws<StorageException>(() => streams.Header(moved));
    }

    static async Task<TestDatabase> Open(Product product, TimeProvider? time = null)
    {
        var test = await TestDatabase.Open(product, time);
        await test.Sql("insert into pools (id, name, region, settings, schema, created_at, modified_at) values ('p', 'n', 'r', '{}', '[]', 0, 0)");
        return test;
    }

    static async Task<string> Stream(TestDatabase test, SsfSettings settings)
    {
        var id = Ids.Uuid();
        Assert.Equal(SsfCreation.Done, await test.Database.Write(tx => SsfStreamStore.Create(tx, id, "p", "", settings)));
        return id;
    }

    static async Task End(TestDatabase test)
    {
        var session = await Users.SignIn(test);
        await test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, session, SessionEnd.Revoked));
    }

    static SsfStreamStore Streams(TestDatabase test) => new(test.Database, new Sealing(new MasterKey(new byte[32])));

    static Task<bool> Take(TestDatabase test, string id, string lease) => test.Database.Write(tx => SsfDeliveryStore.Take(tx, id, lease, Term));

    static async Task<SsfStream> Find(TestDatabase test, string id) => (await Streams(test).Find(id, default))!;
}
