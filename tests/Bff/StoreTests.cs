using Poolhouse.Bff.Tests.Actors;
using Poolhouse.Storage.Tests;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>What every store must do; whoever brings a store of their own can run the same.</summary>
public sealed class StoreTests
{
    public static TheoryData<StoreKind> Kinds => [StoreKind.Memory, StoreKind.Sqlite, StoreKind.Postgres, StoreKind.Redis];

    static readonly long Tomorrow = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_was_added_is_found_by_every_node(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        var (one, other) = (await shared.Node(), await shared.Node());
        var record = Record("a") with { Payload = new string('x', 60_000) };
        Assert.True(await one.TryAddAsync(record));
        Assert.Equal(record, await other.FindAsync("a"));
        Assert.Null(await other.FindAsync("b"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_id_is_added_once(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        var store = await shared.Node();
        Assert.True(await store.TryAddAsync(Record("a")));
        Assert.False(await store.TryAddAsync(Record("a") with { Payload = "other" }));
        Assert.Equal("text", (await store.FindAsync("a"))!.Payload);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_write_needs_the_version_before_its_own(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        var store = await shared.Node();
        await store.TryAddAsync(Record("a"));
        Assert.False(await store.TryReplaceAsync(Record("a") with { Version = 1, Payload = "same" }));
        Assert.False(await store.TryReplaceAsync(Record("a") with { Version = 3, Payload = "ahead" }));
        Assert.False(await store.TryReplaceAsync(Record("b") with { Version = 2 }));
        Assert.True(await store.TryReplaceAsync(Record("a") with { Version = 2, Payload = "next" }));
        Assert.False(await store.TryReplaceAsync(Record("a") with { Version = 2, Payload = "late" }));
        Assert.Equal(("next", 2), ((await store.FindAsync("a")) is { } now ? (now.Payload, now.Version) : default));
        Assert.Null(await store.FindAsync("b"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_writers_on_many_nodes_one_wins(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        IBffSessionStore[] nodes = [await shared.Node(), await shared.Node(), await shared.Node()];
        await nodes[0].TryAddAsync(Record("a"));
        await Race.OneWinner(_ => Task.CompletedTask,
            async (round, racer) => await nodes[racer % 3].TryReplaceAsync(Record("a") with { Version = round + 2, Payload = $"{round}/{racer}" }), racers: 6, rounds: kind == StoreKind.Sqlite ? 10 : 40);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_adders_on_many_nodes_one_wins_also_when_all_begin_at_once(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        IBffSessionStore[] nodes = [await shared.Node(), await shared.Node(), await shared.Node()];
        await Race.OneWinner(_ => Task.CompletedTask, async (round, racer) => await nodes[racer % 3].TryAddAsync(Record($"r{round}")), racers: 6, rounds: 5);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Records_are_found_by_user_and_by_the_providers_session_for_as_long_as_they_say_so(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        var (one, other) = (await shared.Node(), await shared.Node());
        await one.TryAddAsync(Record("a"));
        await one.TryAddAsync(Record("b") with { ProviderSessionKey = "s2" });
        await one.TryAddAsync(Record("c") with { UserKey = "u2", ProviderSessionKey = null });
        Assert.Equal(["a", "b"], Ids(await other.FindByUserAsync("u")));
        Assert.Equal(["a"], Ids(await other.FindByProviderSessionAsync("s")));
        Assert.True(await other.TryReplaceAsync(Record("a") with { Version = 2, UserKey = null, ProviderSessionKey = null }));
        Assert.Equal(["b"], Ids(await one.FindByUserAsync("u")));
        Assert.Empty(await one.FindByProviderSessionAsync("s"));
        Assert.Empty(await one.FindByUserAsync("nobody"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_may_be_forgotten_is_forgotten(StoreKind kind)
    {
        await using var shared = await SharedStore.Open(kind);
        var store = await shared.Node();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await store.TryAddAsync(Record("old") with { ForgetAt = now + 50 });
        await store.TryAddAsync(Record("young"));
        await Task.Delay(120);
        await store.RemoveForgottenAsync(now + 100);
        Assert.Null(await store.FindAsync("old"));
        Assert.NotNull(await store.FindAsync("young"));
        Assert.Equal(["young"], Ids(await store.FindByUserAsync("u")));
    }

    [Theory]
    [InlineData("bff_sessions; drop table users")]
    [InlineData("Sessions")]
    [InlineData("")]
    public void A_table_name_is_no_place_for_sql(string table) =>
        Assert.Throws<ArgumentException>(() => new BffOptions().UseDatabase(Microsoft.Data.Sqlite.SqliteFactory.Instance.CreateDataSource("Data Source=:memory:"), table));

    static BffSessionRecord Record(string id) => new(id, 1, "u", "s", "text", Tomorrow);

    static string[] Ids(IReadOnlyList<BffSessionRecord> records) => [.. records.Select(record => record.Id).Order(StringComparer.Ordinal)];
}
