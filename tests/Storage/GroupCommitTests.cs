using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>The write gate of SQLite: what happens to the members of one group.</summary>
public class GroupCommitTests
{
    [Fact]
    public async Task A_member_that_fails_loses_only_its_own_statements_and_the_order_stays()
    {
        await using var test = await Table();

        var results = await Grouped(test, Enumerable.Range(1, 40).Select(n => (Func<Tx, Task<int>>)(async tx =>
        {
            await tx.Execute("insert into t values (@n)", ("n", (long)n));
            return n == 7 ? throw new NotSupportedException() : n;
        })));

        var rows = await test.Database.Many("select n from t order by rowid", r => (int)r.GetInt64(0), default);
        Assert.Equal(Enumerable.Range(1, 40).Where(n => n != 7), rows);
        Assert.Equal(7, Array.FindIndex(results, r => r.IsFaulted) + 1);
        Assert.IsType<NotSupportedException>(results[6].Exception!.InnerException);
        Assert.All(results.Where((_, i) => i != 6), r => Assert.True(r.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task When_the_whole_transaction_was_dropped_each_member_runs_again_alone()
    {
        await using var test = await Table();
        var runs = new int[10];

        var results = await Grouped(test, Enumerable.Range(0, 10).Select(n => (Func<Tx, Task<int>>)(async tx =>
        {
            await tx.Execute("insert into t values (@n)", ("n", (long)n));
            // What SQLite does by itself when the disk is full.
            if (++runs[n] == 1 && n == 5) await tx.Execute("rollback");
            return n;
        })));

        Assert.All(results, r => Assert.True(r.IsCompletedSuccessfully));
        Assert.Equal(10, await test.Number("select count(*) from t"));
        Assert.Equal([2, 2, 2, 2, 2, 2, 1, 1, 1, 1], runs);
    }

    [Fact]
    public async Task Work_that_waits_for_something_else_is_told_that_a_write_holds_sql_only()
    {
        await using var test = await Table();
        var late = new TaskCompletionSource<Exception?>();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.Write(async tx =>
        {
            await tx.Execute("insert into t values (1)");
            await Task.Yield();
            late.SetResult(await Record.ExceptionAsync(() => tx.Execute("insert into t values (2)")));
        }));

        Assert.Equal(Tx.HoldsSqlOnly, error.Message);
        Assert.Equal(Tx.HoldsSqlOnly, (await late.Task)?.Message);
        Assert.Equal(0, await test.Number("select count(*) from t"));
    }

    [Fact]
    public async Task A_write_inside_a_write_is_an_error_and_not_a_standstill()
    {
        await using var test = await Table();

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            test.Database.Write(_ => test.Database.Write(tx => tx.Execute("insert into t values (1)"))));
    }

    [Fact]
    public async Task After_the_server_stopped_a_write_is_unavailable()
    {
        var test = await Table();
        var database = test.Database;
        await test.DisposeAsync();

        await Assert.ThrowsAsync<StorageUnavailableException>(() => database.Write(tx => tx.Execute("select 1")));
    }

    [Fact]
    public async Task What_was_queued_before_the_stop_is_still_written()
    {
        await using var test = await TestDatabase.Prepare(Product.Sqlite);
        var first = await test.Another();
        await first.Write(tx => tx.Execute("create table t (n bigint)"));
        var writes = Enumerable.Range(0, 500).Select(n => first.Write(tx => tx.Execute("insert into t values (@n)", ("n", (long)n)))).ToArray();

        await first.DisposeAsync();
        await Task.WhenAll(writes);

        var second = await test.Another();
        Assert.Equal(500, await second.One("select count(*) from t", r => r.GetInt64(0), default));
    }

    static async Task<TestDatabase> Table()
    {
        var test = await TestDatabase.Open(Product.Sqlite);
        await test.Sql("create table t (n bigint)");
        return test;
    }

    /// <summary>Queues all while the gate is held, so that they go into one commit.</summary>
    static async Task<Task<T>[]> Grouped<T>(TestDatabase test, IEnumerable<Func<Tx, Task<T>>> members)
    {
        using var hold = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        var holder = test.Database.Write(_ =>
        {
            held.Set();
            hold.Wait();
            return Task.CompletedTask;
        });
        await Task.Run(held.Wait);
        var results = members.Select(test.Database.Write).ToArray();
        hold.Set();
        await holder;
        await Task.WhenAll(results).ContinueWith(_ => { }, TaskScheduler.Default);
        return results;
    }
}
