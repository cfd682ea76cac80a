using Poolhouse.Core;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>What a write promises on both databases.</summary>
public class WriteTests
{
    [Theory, OnBoth]
    public async Task No_increment_of_64_callers_is_lost(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table counters (id bigint primary key, n bigint not null)");
        await test.Sql("insert into counters (id, n) values (1, 0)");

        await Race.Together(64, async _ =>
        {
            for (var i = 0; i < 20; i++) await test.Database.Write(tx => tx.Execute("update counters set n = n + 1 where id = 1"));
            return true;
        });

        Assert.Equal(64 * 20, await test.Number("select n from counters"));
    }

    [Theory, OnBoth]
    public async Task A_conditional_update_has_one_winner(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table codes (id bigint primary key, spent_at bigint)");

        await Race.OneWinner(
            round => test.Database.Write(tx => tx.Execute("insert into codes (id) values (@id)", ("id", (long)round))),
            async (round, _) => 1 == await test.Database.Write(tx =>
                tx.Execute("update codes set spent_at = @now where id = @id and spent_at is null", ("now", tx.Now), ("id", (long)round))));
    }

    [Fact]
    public async Task The_race_notices_two_winners() =>
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() =>
            Race.OneWinner(_ => Task.CompletedTask, (_, racer) => Task.FromResult(racer < 2), rounds: 1));

    [Theory, OnBoth]
    public async Task A_refusal_that_leaves_a_write_is_a_bug_and_writes_nothing(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table t (n bigint)");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.Write(async tx =>
        {
            await tx.Execute("insert into t values (1)");
            throw new RefusedException(Refusal.UserDisabled);
        }));

        Assert.IsType<RefusedException>(error.InnerException);
        Assert.Equal(0, await test.Number("select count(*) from t"));
    }

    [Theory, OnBoth]
    public async Task A_duplicate_that_was_swallowed_still_ends_the_write(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table t (n bigint primary key)");

        var error = await Assert.ThrowsAnyAsync<Exception>(() => test.Database.Write(async tx =>
        {
            await tx.Execute("insert into t values (1)");
            try
            {
                await tx.Execute("insert into t values (1)");
            }
            catch (Exception e) when (tx.Dialect.IsDuplicate(e))
            {
                // As a store should not.
            }
        }));

        Assert.True(test.Database.Dialect.IsDuplicate(error));
        Assert.Equal(0, await test.Number("select count(*) from t"));
    }

    [Theory, OnBoth]
    public async Task Values_come_back_as_they_were_written(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var d = test.Database.Dialect;
        await test.Sql($"create table t (id text {d.Collate} primary key, flag boolean, bytes {d.Blob}, n bigint, more text)");
        string[] ids = ["a", "B", "é", "Z", "😀"];

        foreach (var id in ids)
            await test.Database.Write(tx => tx.Execute("insert into t values (@id, @flag, @bytes, @n, @more)",
                ("id", id), ("flag", true), ("bytes", new byte[] { 0, 255 }), ("n", long.MaxValue), ("more", null)));
        var rows = await test.Database.Many("select id, flag, bytes, n, more from t order by id",
            r => (r.GetString(0), r.GetBoolean(1), Convert.ToHexString(r.GetFieldValue<byte[]>(2)), r.GetInt64(3), r.IsDBNull(4)), default);

        Assert.Equal(["B", "Z", "a", "é", "😀"], rows.Select(r => r.Item1));
        Assert.All(rows, r => Assert.Equal((true, "00FF", long.MaxValue, true), (r.Item2, r.Item3, r.Item4, r.Item5)));
    }

    [Theory, OnBoth]
    public async Task One_without_a_row_is_the_default_and_a_nested_use_of_a_statement_works(Product product)
    {
        await using var test = await TestDatabase.Open(product);

        Assert.Null(await test.Database.One("select value from meta where key = @key", r => r.GetString(0), default, ("key", "no")));
        Assert.Equal(3, await test.Database.Write(async tx =>
        {
            var sum = 0L;
            foreach (var n in new long[] { 1, 2 }) sum += await tx.One("select cast(@n as bigint)", r => r.GetInt64(0), ("n", n));
            return sum;
        }));
    }

    [Theory, OnBoth]
    public async Task All_racers_read_back_the_same_meta_value(Product product)
    {
        await using var test = await TestDatabase.Open(product);

        var values = await Race.Together(8, racer => test.Database.Write(tx => Meta.InsertOrRead(tx, "epoch", $"of {racer}")));

        Assert.Single(values.Distinct());
        Assert.Equal(values[0], await new Meta(test.Database).Get("epoch", default));
    }
}
