using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Keys;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>One pair of signing keys after the other, on every node at the same moment, on both databases.</summary>
public class KeyRotationTests
{
    const string Pool = "us-east-1_A";
    static readonly Sealing Sealing = new(MasterKey.Create());
    static readonly SigningKey Material = SigningKey.Create(KeyUse.Id);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    static int made;

    readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));

    [Theory, OnBoth]
    public async Task The_next_pair_is_published_at_once_and_signs_from_its_moment_on_at_every_node(Product product)
    {
        await using var test = await Open(product);
        var (one, other) = (Keys(test.Database), Keys(await test.Another()));
        var before = await one.Signing(Pool);
        Assert.Equal(before.Access.Kid, (await other.Signing(Pool)).Access.Kid);

        Assert.Equal(KeyRotation.Rotated, await one.Rotate(Pool, Hour, withdraw: false));
        var next = (await one.Stored(Pool, default))!.At(long.MaxValue);
        Assert.Equal([before.Access.Kid, next.Access.Kid], await Published(one));
        await Heard(other, 2);

        time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(next.SignsFrom) - Moment);
        Assert.Equal([(before.Id.Kid, before.Access.Kid)], (await Signing(one, other)).Distinct());
        time.Advance(Moment);
        Assert.Equal([(next.Id.Kid, next.Access.Kid)], (await Signing(one, other)).Distinct());
    }

    [Theory, OnBoth]
    public async Task The_old_pair_verifies_until_its_last_token_has_died_and_is_purged_then(Product product)
    {
        await using var test = await Open(product);
        test.Database.Purger.Add("signing_keys", SigningKeyStore.PurgeSql);
        var keys = Keys(test.Database);
        var old = await keys.Signing(Pool);
        await keys.Rotate(Pool, Hour, withdraw: false);

        time.Advance(Hour + KeyRing.KeptFor - Moment);
        Assert.NotNull(await keys.Find(Pool, old.Id.Kid));
        await Purge(test);
        Assert.Equal(4, await test.Number("select count(*) from signing_keys"));

        time.Advance(Moment);
        Assert.Null(await keys.Find(Pool, old.Id.Kid));
        Assert.Single(await Published(keys));
        time.Advance(Moment);
        await Purge(test);
        Assert.Equal(2, await test.Number("select count(*) from signing_keys"));
        Assert.Equal((await Keys(test.Database).Signing(Pool)).Id.Kid, (await keys.Signing(Pool)).Id.Kid);
    }

    [Theory, OnBoth]
    public async Task A_command_beside_the_nodes_is_heard_within_a_second_and_rows_are_read_once(Product product)
    {
        await using var test = await Open(product);
        var (node, command) = (Keys(test.Database), Keys(await test.Beside()));
        await node.Signing(Pool);
        var ring = await node.Of(Pool);
        Assert.Same(ring, await node.Of(Pool));

        await command.Rotate(Pool, Hour, withdraw: false);
        // A moment longer than the bound: a node whose look at the changes comes late on a busy machine trusts nothing that it keeps by then.
        for (var passed = TimeSpan.Zero; passed <= Changes.Bound; passed += Changes.Bound / 5)
        {
            time.Advance(Changes.Bound / 5);
            await Task.Delay(20);
        }
        Assert.Equal(2, (await Published(node)).Length);
        // The keys that it knows already are the same objects: importing one costs more than signing.
        Assert.Same(ring.At(0).Access, (await node.Of(Pool)).At(0).Access);
    }

    [Theory, OnBoth]
    public async Task Of_many_operators_at_once_one_rotates(Product product)
    {
        await using var test = await Open(product);
        for (var round = 0; round < 10; round++)
        {
            var pool = $"us-east-1_R{round}";
            await Create(test, pool);
            await Keys(test.Database).Signing(pool);
            // Each means another moment, so that no two rows collide by themselves.
            var outcomes = await Race.Together(6, racer => Keys(test.Database).Rotate(pool, Hour + racer * Moment, withdraw: false));
            Assert.Single(outcomes, KeyRotation.Rotated);
            Assert.Equal(5, outcomes.Count(outcome => outcome == KeyRotation.Waiting));
        }
    }

    [Theory, OnBoth]
    public async Task Withdrawn_keys_are_gone_at_once_also_those_that_wait(Product product)
    {
        await using var test = await Open(product);
        var keys = Keys(test.Database);
        var leaked = await keys.Signing(Pool);
        await keys.Rotate(Pool, Hour, withdraw: false);
        time.Advance(Moment);

        Assert.Equal(KeyRotation.Rotated, await keys.Rotate(Pool, TimeSpan.Zero, withdraw: true));
        Assert.Null(await keys.Find(Pool, leaked.Access.Kid));
        var now = await keys.Signing(Pool);
        Assert.NotEqual(leaked.Access.Kid, now.Access.Kid);
        Assert.Equal([now.Access.Kid], await Published(keys));
        Assert.Equal(2, await test.Number("select count(*) from signing_keys"));
    }

    [Theory, OnBoth]
    public async Task New_keys_that_are_needed_now_go_before_those_that_wait(Product product)
    {
        await using var test = await Open(product);
        var keys = Keys(test.Database);
        var first = await keys.Signing(Pool);
        await keys.Rotate(Pool, Hour, withdraw: false);
        var waiting = (await keys.Of(Pool)).At(long.MaxValue);
        time.Advance(Moment);
        Assert.Equal(KeyRotation.Rotated, await keys.Rotate(Pool, TimeSpan.Zero, withdraw: false));

        var now = await keys.Signing(Pool);
        Assert.DoesNotContain(now.Id.Kid, (string[])[first.Id.Kid, waiting.Id.Kid]);
        Assert.NotNull(await keys.Find(Pool, first.Id.Kid));
        time.Advance(Hour);
        Assert.Equal(waiting.Id.Kid, (await keys.Signing(Pool)).Id.Kid);
    }

    [Theory, OnBoth]
    public async Task A_pool_without_keys_or_that_does_not_exist_gets_none(Product product)
    {
        await using var test = await Open(product);
        Assert.Equal(KeyRotation.Unused, await Keys(test.Database).Rotate(Pool, Hour, withdraw: false));
        Assert.Equal(KeyRotation.Unused, await Keys(test.Database).Rotate("us-east-1_Nobody", Hour, withdraw: true));
        Assert.Equal(0, await test.Number("select count(*) from signing_keys"));
    }

    [Theory, OnBoth]
    public async Task Keys_from_before_go_on_and_a_node_of_before_makes_no_second_first_pair(Product product)
    {
        await using var test = await Open(product);
        var first = await Keys(test.Database).Signing(Pool);
        await Keys(test.Database).Rotate(Pool, Hour, withdraw: false);
        // What an older program writes that believes the pool to be without keys.
        Assert.Equal(0, await test.Database.Write(tx => tx.Execute(
            "insert into signing_keys (kid, pool_id, use, private_key, created_at) select 'late', pool_id, use, private_key, created_at from signing_keys where signs_from = 0 and use = 'id' on conflict do nothing")));
        Assert.Equal(2, await test.Number("select count(*) from signing_keys where signs_from = 0"));
        Assert.Equal(first.Id.Kid, (await Keys(test.Database).Signing(Pool)).Id.Kid);
    }

    static SigningKeyStore Keys(Database database) => new(database, Sealing, Make);

    // Made once: making a key takes so long that nobody would race.
    static SigningKey Make(KeyUse use) => SigningKey.Import($"kid-{Interlocked.Increment(ref made)}", use, Material.Export().ToArray());

    async Task<TestDatabase> Open(Product product)
    {
        var test = await TestDatabase.Open(product, time);
        await Create(test, Pool);
        return test;
    }

    static Task Create(TestDatabase test, string pool) =>
        test.Sql($"insert into pools (id, name, region, settings, schema, created_at, modified_at) values ('{pool}', 'people', 'us-east-1', '{{}}', '[]', 0, 0)");

    static async Task<string[]> Published(SigningKeyStore keys) => [.. (await keys.Of(Pool)).Published(keys.Now).Select(pair => pair.Access.Kid)];

    async Task Heard(SigningKeyStore keys, int pairs)
    {
        for (var turns = 0; (await Published(keys)).Length != pairs && turns < 100; turns++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5);
        }
        Assert.Equal(pairs, (await Published(keys)).Length);
    }

    static async Task<(string, string)[]> Signing(params SigningKeyStore[] nodes) =>
        [.. (await Task.WhenAll(nodes.Select(node => node.Signing(Pool).AsTask()))).Select(pair => (pair.Id.Kid, pair.Access.Kid))];

    static async Task Purge(TestDatabase test) => await test.Database.Purger.Run(default);
}
