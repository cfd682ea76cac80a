using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>LISTEN and NOTIFY between two nodes: they make news early, and nothing hangs on them.</summary>
public class NotificationTests
{
    const string Listeners = "from pg_stat_activity where datname = current_database() and query = 'listen poolhouse'";

    [Fact]
    public async Task A_second_node_hears_of_ended_sessions_and_of_changes_long_before_it_would_poll()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        // Its polls come when this clock is moved: what it hears, it hears by NOTIFY.
        await using var other = await Database.Open(test.Options, new Opening(DatabaseClock: false), new FakeTimeProvider(), NullLogger<Database>.Instance, default);
        var heard = Hear(other);
        await Listening(test, 2);
        var took = new List<TimeSpan>();
        for (var i = 0; i < 20; i++)
        {
            var session = await Users.SignIn(test);
            var start = Stopwatch.GetTimestamp();
            await test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, session, Core.Sessions.SessionEnd.Revoked));
            Assert.Equal(("revocation", "p"), await Next(heard));
            took.Add(Stopwatch.GetElapsedTime(start));
            await test.Database.Write(tx => Changed(tx, $"c{i}"));
            Assert.Equal(("thing", $"c{i}"), await Next(heard));
        }
        Assert.InRange(took.Order().ElementAt(10), TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Without_its_listening_connection_a_node_finds_changes_by_polling_and_soon_listens_again()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        var heard = Hear(await test.Another());
        await Listening(test, 2);

        await test.Number($"select count(pg_terminate_backend(pid)) {Listeners}");
        await test.Database.Write(tx => Changed(tx, "polled"));
        Assert.Equal(("thing", "polled"), await Next(heard));

        await Listening(test, 2);
        await Users.End(test);
        Assert.Equal(("revocation", "p"), await Next(heard));
    }

    [Fact]
    public async Task Many_changes_at_once_are_all_heard()
    {
        await using var test = await TestDatabase.Open(Product.Postgres);
        await using var other = await Database.Open(test.Options, new Opening(DatabaseClock: false), new FakeTimeProvider(), NullLogger<Database>.Instance, default);
        var heard = Hear(other);
        await Listening(test, 2);

        // More than one message of PostgreSQL can hold.
        await test.Database.Write(async tx =>
        {
            for (var i = 0; i < 500; i++) await Changed(tx, $"{i}-{new string('x', 40)}");
        });

        var ids = new HashSet<string?>();
        while (ids.Count < 500) ids.Add((await Next(heard)).Id);
    }

    static ChannelReader<(string Kind, string? Id)> Hear(Database node)
    {
        var heard = Channel.CreateUnbounded<(string, string?)>();
        foreach (var kind in (string[])["thing", RevocationStore.Appended]) node.Changes.Watch(kind, id => heard.Writer.TryWrite((kind, id)));
        return heard.Reader;
    }

    static async Task<(string Kind, string? Id)> Next(ChannelReader<(string, string?)> heard)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await heard.ReadAsync(late.Token);
    }

    static async Task Listening(TestDatabase test, int nodes)
    {
        for (var tries = 0; await test.Number($"select count(*) {Listeners}") != nodes; tries++)
        {
            Assert.True(tries < 500, "the nodes do not listen");
            await Task.Delay(20);
        }
    }

    static Task Changed(Tx tx, string id)
    {
        Changes.Append(tx, "thing", id);
        return Task.CompletedTask;
    }
}
