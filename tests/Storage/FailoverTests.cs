using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Several PostgreSQL servers behind one node: which of them is believed, and when a commit counts.</summary>
public class FailoverTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_node_that_knows_both_servers_goes_on_with_the_standby_that_took_over()
    {
        await using var cluster = await PostgresCluster.Another();
        cluster.FollowBy();
        await using var database = await Open(cluster.Both);
        Assert.Equal("1", await Timeline(database));

        cluster.FailOver();

        await Until(async () => await Timeline(database) == "2", Soon);
        await Write(database);
        await Until(() => database.Ready, Soon);
    }

    [Fact]
    public async Task A_primary_that_another_has_replaced_is_not_believed_even_when_it_is_the_only_one_left()
    {
        await using var cluster = await PostgresCluster.Another();
        cluster.FollowBy();
        await using var database = await Open($"{cluster.Both};Host Recheck Seconds=1");
        await Write(database);
        cluster.Promote();
        await Until(async () => await Timeline(database) == "2", Soon);

        cluster.Halt("standby");

        Assert.Equal("primary", await PostgresCluster.Run(cluster.Primary, "select case when pg_is_in_recovery() then 'standby' else 'primary' end"));
        await Until(() => !database.Ready, Soon);
        for (var tries = 0; tries < 20; tries++)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => Timeline(database));
            await Assert.ThrowsAsync<StorageUnavailableException>(() => Write(database));
            await Task.Delay(100);
        }
    }

    [Fact]
    public async Task A_commit_that_no_standby_has_is_never_confirmed_and_never_called_off()
    {
        await using var cluster = await PostgresCluster.Another();
        await using var database = await Open($"{cluster.Primary};Command Timeout=1");
        await AwaitStandby(cluster, "nobody");

        await Assert.ThrowsAsync<StorageUnavailableException>(() => Write(database));

        await Task.Delay(2_500);     // longer than a cancellation would have taken
        Assert.Equal(1L, await PostgresCluster.Run(cluster.Primary, "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"));
        await AwaitStandby(cluster, "");
        await Until(async () => await PostgresCluster.Run(cluster.Primary, "select count(*) from pg_stat_activity where wait_event = 'SyncRep'") is 0L, Soon);
        await Write(database);
    }

    [Fact]
    public async Task A_commit_that_an_operator_calls_off_is_not_confirmed()
    {
        await using var cluster = await PostgresCluster.Another();
        await using var database = await Open(cluster.Primary);
        await AwaitStandby(cluster, "nobody");

        var write = Write(database);
        await Until(async () => await PostgresCluster.Run(cluster.Primary, "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'") is 1L, Soon);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => write);
    }

    [Fact]
    public async Task Readiness_follows_the_end_and_the_return_of_the_database_within_two_seconds()
    {
        await using var cluster = await PostgresCluster.Another();
        await using var database = await Open(cluster.Primary);
        Assert.True(database.Ready);

        cluster.Halt();
        await Until(() => !database.Ready, TimeSpan.FromSeconds(2));
        cluster.Resume();
        await Until(() => database.Ready, TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("primary", true)]
    [InlineData("read-write", true)]
    [InlineData("standby", false)]
    [InlineData("prefer-standby", false)]
    public async Task A_server_that_takes_no_writes_cannot_be_asked_for(string target, bool allowed)
    {
        await using var test = await TestDatabase.Prepare(Product.Postgres);
        var connection = $"{test.Options.ConnectionString};Target Session Attributes={target}";
        if (!allowed)
        {
            await Assert.ThrowsAsync<StorageException>(() => Open(connection));
            return;
        }
        await using var database = await Open(connection);
        await Write(database);
    }

    static Task<int> Write(Database database) => database.Write(tx => tx.Execute("insert into meta (key, value) values ('t', '1') on conflict (key) do update set value = meta.value || '1'"));

    static async Task<string?> Timeline(Database database) => (await database.Lineage(default))?[^1..];

    static async Task AwaitStandby(PostgresCluster cluster, string name)
    {
        await PostgresCluster.Run(cluster.Primary, $"alter system set synchronous_standby_names = '{name}'");
        await PostgresCluster.Run(cluster.Primary, "select pg_reload_conf()");
        await Until(async () => (string?)await PostgresCluster.Run(cluster.Primary, "show synchronous_standby_names") == name, Soon);
    }

    static Task Until(Func<bool> done, TimeSpan most) => Until(() => Task.FromResult(done()), most);

    /// <summary>What the database cannot answer now is not done yet.</summary>
    static async Task Until(Func<Task<bool>> done, TimeSpan most)
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            try
            {
                if (await done()) return;
            }
            catch (StorageUnavailableException) when (watch.Elapsed < most)
            {
                continue;
            }
            Assert.True(watch.Elapsed < most, $"not within {most.TotalSeconds} s");
        }
    }

    static Task<Database> Open(string connection) =>
        Database.Open(new StorageOptions(ConnectionString: connection), TimeProvider.System, NullLogger<Database>.Instance, default);
}
