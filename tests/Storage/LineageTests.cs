using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>What tells a PostgreSQL database from an older copy of it.</summary>
public class LineageTests
{
    [Fact]
    public async Task A_role_that_is_no_superuser_reads_the_lineage_and_half_of_it_when_even_that_is_forbidden()
    {
        await using var test = await TestDatabase.Prepare(Product.Postgres);
        var (owner, role) = (test.Options.ConnectionString!, "app");
        await PostgresCluster.Run(owner, $"create role {role} login");
        await PostgresCluster.Run(owner, $"grant all on schema public to {role}");
        var plain = test.Options with { ConnectionString = owner.Replace("Username=poolhouse", $"Username={role}", StringComparison.Ordinal) };
        await using var database = await Database.Open(plain, TimeProvider.System, NullLogger<Database>.Instance, default);

        Assert.Matches("^[0-9]{10,}/00000001$", await database.Lineage(default));

        await PostgresCluster.Run(owner, "revoke execute on function pg_control_system() from public");
        Assert.Equal("/00000001", await database.Lineage(default));
        Assert.False(await database.Write(tx => FeedEpoch.Follow(tx, "/00000001")));
    }

    [Fact]
    public async Task A_standby_that_takes_over_begins_a_new_epoch_at_once()
    {
        await using var cluster = await PostgresCluster.Another();
        await using var before = await Open(cluster.Primary);
        Assert.False(await Follow(before));
        cluster.FollowBy();
        // Pages to write: the checkpoint that ends a promotion is spread over minutes.
        await before.Write(tx => tx.Execute("create table t as select repeat('x', 1000) as x from generate_series(1, 20000)"));
        while (await PostgresCluster.Run(cluster.Standby, "select count(*) from pg_tables where tablename = 't'") is 0L) await Task.Delay(20);
        var epoch = await Epoch(before);

        cluster.FailOver();

        await using var after = await Open(cluster.Standby);
        Assert.True(await Follow(after));
        Assert.NotEqual(epoch, await Epoch(after));
        Assert.False(await Follow(after));
    }

    static async Task<bool> Follow(Database database)
    {
        var lineage = await database.Lineage(default);
        return await database.Write(tx => FeedEpoch.Follow(tx, lineage));
    }

    static async Task<string> Epoch(Database database) => (await new RevocationStore(database).Head("p", default)).Epoch;

    static Task<Database> Open(string connection) =>
        Database.Open(new StorageOptions(ConnectionString: connection), TimeProvider.System, NullLogger<Database>.Instance, default);
}
