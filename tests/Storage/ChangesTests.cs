using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Change records, and the rows in memory that they drop.</summary>
public class ChangesTests
{
    [Theory, OnBoth]
    public async Task The_node_that_writes_sees_it_at_once_and_the_others_within_a_second(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var another = await test.Beside();
        var row = new Row(test.Database);
        await Row.Set(another, "old");
        Assert.Equal("old", await row.Read());
        Assert.Equal("old", await row.Read());

        await Row.Set(test.Database, "new");
        Assert.Equal("new", await row.Read());

        var loads = row.Loads;
        Assert.Equal("new", await row.Read());
        Assert.Equal(loads, row.Loads);
        await Row.Set(another, "from elsewhere");
        await Task.Delay(Changes.Bound);
        Assert.Equal("from elsewhere", await row.Read());
    }

    [Theory, OnBoth]
    public async Task A_value_that_was_read_before_a_change_is_not_kept_after_it(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var row = new Row(test.Database);
        await Row.Set(test.Database, "old");

        // The load has its old value in hand when the change is committed and announced.
        row.AfterLoad = () => Row.Set(test.Database, "new");
        Assert.Equal("old", await row.Read());
        row.AfterLoad = null;

        Assert.Equal("new", await row.Read());
    }

    [Fact]
    public async Task Not_found_is_never_kept()
    {
        await using var test = await TestDatabase.Open(Product.Sqlite);
        var row = new Row(test.Database);

        Assert.Null(await row.Read());
        await test.Database.Write(tx => Meta.Set(tx, "row", "without a change record"));
        Assert.Equal("without a change record", await row.Read());
    }

    [Fact]
    public async Task Without_news_for_a_second_nothing_kept_is_served()
    {
        var time = new FakeTimeProvider();
        await using var test = await TestDatabase.Open(Product.Sqlite, time);
        var row = new Row(test.Database);
        await Row.Set(test.Database, "old");
        await row.Read();
        await test.Database.Write(tx => tx.Execute("alter table change_head rename to change_head_gone"));
        await test.Database.Write(tx => Meta.Set(tx, "row", "new"));
        Assert.Equal("old", await row.Read());

        time.Advance(Changes.Bound + TimeSpan.FromMilliseconds(1));

        Assert.False(test.Database.Changes.Fresh);
        Assert.Equal("new", await row.Read());
        await test.Database.Write(tx => tx.Execute("alter table change_head_gone rename to change_head"));
        await test.Database.Changes.Poll(default);
        Assert.True(test.Database.Changes.Fresh);
    }

    [Theory, OnBoth]
    public async Task A_node_that_fell_too_far_behind_drops_everything(Product product)
    {
        await using var test = await TestDatabase.Open(product, new FakeTimeProvider());
        var dropped = new List<string?>();
        test.Database.Changes.Watch("thing", dropped.Add);
        var another = await test.Beside();

        await another.Write(async tx =>
        {
            for (var i = 0; i < 600; i++) Changes.Append(tx, "thing", $"{i}");
            await Task.CompletedTask;
        });
        await test.Database.Changes.Poll(default);
        Assert.Equal([null], dropped);

        dropped.Clear();
        await another.Write(tx => Appended(tx, "a"));
        await another.Write(tx => tx.Execute("delete from changes"));
        await test.Database.Changes.Poll(default);
        Assert.Equal([null], dropped);

        dropped.Clear();
        await another.Write(tx => Appended(tx, "b"));
        await test.Database.Changes.Poll(default);
        await test.Database.Changes.Poll(default);
        Assert.Equal(["b"], dropped);
    }

    [Theory, OnBoth]
    public async Task A_poller_meets_every_record_of_many_writers_in_order_without_a_gap(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var another = await test.Beside();
        var seen = new List<string?>();
        test.Database.Changes.Watch("thing", id => { lock (seen) seen.Add(id); });

        var writing = Race.Together(16, async racer =>
        {
            for (var i = 0; i < 20; i++) await another.Write(tx => Appended(tx, $"{racer}-{i}"));
            return true;
        });
        while (!writing.IsCompleted) await test.Database.Changes.Poll(default);
        await writing;
        await test.Database.Changes.Poll(default);

        Assert.DoesNotContain(null, seen);
        Assert.Equal(320, seen.Count);
        Assert.Equal(320, seen.Distinct().Count());
    }

    [Theory, OnBoth]
    public async Task A_write_that_failed_leaves_no_record(Product product)
    {
        await using var test = await TestDatabase.Open(product);

        await Assert.ThrowsAsync<NotSupportedException>(() => test.Database.Write(async tx =>
        {
            await Appended(tx, "a");
            throw new NotSupportedException();
        }));

        Assert.Equal(0, await test.Number("select seq from change_head"));
    }

    static Task Appended(Tx tx, string id)
    {
        Changes.Append(tx, "thing", id);
        return Task.CompletedTask;
    }

    /// <summary>One row of meta behind a cache.</summary>
    sealed class Row(Database database)
    {
        readonly Cached<string> cached = new(database.Changes, "row");

        public int Loads { get; private set; }

        public Func<Task>? AfterLoad { get; set; }

        public async Task<string?> Read() => await cached.Get("row", async (id, cancel) =>
        {
            Loads++;
            var value = await new Meta(database).Get(id, cancel);
            if (AfterLoad is not null) await AfterLoad();
            return value;
        }, default);

        public static Task Set(Database through, string value) => through.Write(async tx =>
        {
            await Meta.Set(tx, "row", value);
            Changes.Append(tx, "row", "row");
        });
    }
}
