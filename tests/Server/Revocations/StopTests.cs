using System.Diagnostics;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>The end of a host, and of what it runs for its readers.</summary>
public class StopTests
{
    [Fact]
    public async Task When_the_host_stops_the_stream_ends_as_it_should_and_the_host_does_not_wait()
    {
        await using var server = await PoolhouseTestServer.Start();
        var pool = await new Admin(server).Pool();
        var readers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FeedReader.Open(server, pool)));
        foreach (var reader in readers) await reader.Next("heartbeat");
        await new Crowd(server, pool).EndOne();
        foreach (var reader in readers) await reader.Next("revoked");

        var ends = readers.Select(reader => reader.ToTheEnd()).ToList();
        var start = Stopwatch.GetTimestamp();
        await server.Stop();

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        foreach (var told in await Task.WhenAll(ends)) Assert.All(told, one => Assert.Equal("heartbeat", one.Name));
        Assert.DoesNotContain(server.Log, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
        foreach (var reader in readers) await reader.DisposeAsync();
    }

    [Fact]
    public async Task With_nobody_there_nothing_runs_and_who_comes_later_is_served()
    {
        await using var server = await PoolhouseTestServer.Start(clock: new(DateTimeOffset.UnixEpoch.AddYears(56)));
        var pool = await new Admin(server).Pool();
        for (var round = 0; round < 2; round++)
        {
            await using (var reader = await FeedReader.Open(server, pool)) await reader.Beat(server.Clock!);
            // It takes the server a moment to notice that the reader has gone.
            for (var seen = 0L; seen != (seen = await LastSeen(server));) await Seconds(server, 1);
            var last = await LastSeen(server);
            await Seconds(server, 5);
            Assert.Equal(last, await LastSeen(server));
        }
    }

    static async Task Seconds(PoolhouseTestServer server, int seconds)
    {
        for (var second = 0; second < seconds; second++, await Task.Delay(50)) server.Clock!.Advance(TimeSpan.FromSeconds(1));
    }

    static Task<long> LastSeen(PoolhouseTestServer server) =>
        server.Service<Database>().One("select coalesce(max(seen_at), 0) from nodes", row => row.GetInt64(0), default);
}
