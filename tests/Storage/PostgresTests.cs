using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>What only PostgreSQL can do: conflicts, deadlocks, a clock of its own.</summary>
public class PostgresTests
{
    const string Conflict = "do $$ begin raise exception 'conflict' using errcode = '40001'; end $$";

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_conflict_is_tried_again_three_times(int conflicts)
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        var runs = 0;

        var result = await test.Database.Write(async tx => runs++ < conflicts ? await tx.Execute(Conflict) : 42);

        Assert.Equal((42, conflicts + 1), (result, runs));
    }

    [Fact]
    public async Task A_conflict_that_does_not_end_is_unavailable()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        var runs = 0;

        await Assert.ThrowsAsync<StorageUnavailableException>(() => test.Database.Write(tx =>
        {
            runs++;
            return tx.Execute(Conflict);
        }));

        Assert.Equal(4, runs);
    }

    [Fact]
    public async Task Two_writes_that_deadlock_both_succeed_in_the_end()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        await test.Sql("create table t (id bigint primary key, n bigint not null)");
        await test.Sql("insert into t values (0, 0), (1, 0)");
        var holding = new TaskCompletionSource[] { new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously) };

        await Race.Together(2, me => test.Database.Write(async tx =>
        {
            await tx.Execute("update t set n = n + 1 where id = @id", ("id", (long)me));
            holding[me].TrySetResult();
            await holding[1 - me].Task;
            return await tx.Execute("update t set n = n + 1 where id = @id", ("id", 1L - me));
        }));

        Assert.Equal(4, await test.Number("select cast(sum(n) as bigint) from t"));
    }

    [Fact]
    public async Task Of_a_burst_of_writes_none_is_refused_and_the_node_leaves_connections_to_others()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        await test.Sql("create table t (id bigint primary key, n bigint not null)");
        await test.Sql("insert into t values (0, 0)");

        var connections = await Race.Together(150, _ => test.Database.Write(async tx =>
        {
            await tx.Execute("update t set n = n + 1 where id = 0");
            return await tx.One("select count(*) from pg_stat_activity where datname = current_database()", row => row.GetInt64(0));
        }));

        Assert.Equal(150, await test.Number("select n from t"));
        Assert.InRange(connections.Max(), 10, 40);
    }

    [Fact]
    public async Task A_node_that_freezes_in_the_middle_of_a_write_holds_up_the_others_for_seconds_and_nothing_of_it_is_written()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        await test.Sql("create table t (id bigint primary key, n bigint not null)");
        await test.Sql("insert into t values (0, 0)");
        var other = await test.Another();
        TaskCompletionSource holds = new(TaskCreationOptions.RunContinuationsAsynchronously), thaws = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        Task<int> Add(Tx tx) => tx.Execute("update t set n = n + 1 where id = 0");

        var frozen = test.Database.Write(async tx =>
        {
            await Add(tx);
            if (runs++ > 0) return 1;
            holds.SetResult();
            await thaws.Task;
            return await Add(tx);
        });
        await holds.Task;
        await other.Write(Add).WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        thaws.SetResult();

        // PostgreSQL has hung up. Whether the node still reads why and tries again, or meets a broken pipe, is a matter of moments.
        var told = await Record.ExceptionAsync(() => frozen);
        Assert.True(told is null or StorageUnavailableException, told?.ToString());
        Assert.Equal(told is null ? (2, 2) : (1, 1), (runs, await test.Number("select n from t")));
    }

    [Fact]
    public async Task A_node_whose_clock_is_off_takes_the_time_of_the_database_and_is_not_ready()
    {
        await using var test = await TestDatabase.Prepare(Product.Postgres);
        var off = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1));
        await using var wrong = await Database.Open(test.Options, off, NullLogger<Database>.Instance, default);
        await using var right = await Database.Open(test.Options, TimeProvider.System, NullLogger<Database>.Instance, default);

        Assert.InRange(wrong.Now - TimeProvider.System.UnixMs(), -2_000, 2_000);
        Assert.Contains("ms off", wrong.NotReady, StringComparison.Ordinal);
        Assert.True(right.Ready);
    }

    [Fact]
    public async Task When_the_database_is_gone_reads_and_writes_are_unavailable()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        await test.Database.Write(tx => tx.Execute("select 1"));

        var killed = test.Database.Write(tx => tx.Execute("select pg_terminate_backend(pg_backend_pid())"));
        var read = test.Database.One("select pg_terminate_backend(pg_backend_pid())", r => r.GetBoolean(0), default);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => killed);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => read);
        Assert.Equal(0, await test.Number("select count(*) from changes"));
    }
}
