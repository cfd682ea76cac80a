using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Expired rows go, in batches.</summary>
public class PurgerTests
{
    const string Things = "delete from things where id in (select id from things where ends_at < @now limit @limit)";

    [Theory, OnBoth]
    public async Task Expired_rows_go_and_the_others_stay(Product product)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
        await using var test = await TestDatabase.Open(product, time);
        await test.Sql("create table things (id bigint primary key, ends_at bigint not null)");
        await test.Database.Write(async tx =>
        {
            for (var i = 0L; i < 1234; i++)
                await tx.Execute("insert into things values (@id, @at)", ("id", i), ("at", tx.Now + (i < 1200 ? 1000 : 100_000)));
        });
        test.Database.Purger.Add("things", Things);

        Assert.Equal(0, await test.Database.Purger.Run(default));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1200, await test.Database.Purger.Run(default));
        Assert.Equal(34, await test.Number("select count(*) from things"));
    }

    [Theory, OnBoth]
    public async Task What_a_busy_hour_leaves_behind_goes_in_one_turn(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table things (id bigint primary key, ends_at bigint not null)");
        await test.Sql($"insert into things {(product == Product.Sqlite ? "with recursive n(i) as (select 1 union all select i + 1 from n where i < 25000) select i, 0 from n" : "select i, 0 from generate_series(1, 25000) i")}");
        test.Database.Purger.Add("things", Things);
        Assert.Equal(25_000, await test.Database.Purger.Run(default));
    }

    [Theory, OnBoth]
    public async Task A_statement_that_fails_is_told_and_does_not_hold_up_the_others(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table things (id bigint primary key, ends_at bigint not null)");
        await test.Sql("insert into things values (1, 0)");
        foreach (var name in new[] { "a", "b", "c" }) test.Database.Purger.Add(name, "delete from nothing_of_that_name");
        test.Database.Purger.Add("things", Things);

        var told = await Assert.ThrowsAsync<AggregateException>(() => test.Database.Purger.Run(default));

        Assert.Equal(3, told.InnerExceptions.Count);
        Assert.Equal(0, await test.Number("select count(*) from things"));
    }

    [Theory, OnBoth]
    public async Task The_purge_runs_by_itself_and_takes_old_change_records_too(Product product)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
        await using var test = await TestDatabase.Open(product, time);
        await test.Database.Write(tx =>
        {
            Changes.Append(tx, "thing", "a");
            return Task.CompletedTask;
        });
        Assert.Equal(1, await test.Number("select count(*) from changes"));

        time.Advance(TimeSpan.FromHours(1.5));

        for (var i = 0; i < 500 && await test.Number("select count(*) from changes") > 0; i++) await Task.Delay(10);
        Assert.Equal(0, await test.Number("select count(*) from changes"));
    }
}
