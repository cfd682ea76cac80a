using System.Net.Sockets;
using System.Text;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Readers that do not keep up.</summary>
[Collection("alone")]
public class SlowReaderTests
{
    // More bytes than the buffers of two sockets hold, and many times more frames than a reader may be behind.
    const int Burst = 45_000;

    [Fact]
    public async Task A_burst_cuts_nobody_off_who_reads()
    {
        await using var server = await PoolhouseTestServer.Start();
        var pool = await new Admin(server).Pool();
        var readers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => FeedReader.Open(server, pool)));
        await readers[0].Next("heartbeat");

        await new Crowd(server, pool).Burst(Burst);

        foreach (var told in await Task.WhenAll(readers.Select(reader => reader.Revoked(Burst))))
            Assert.Equal(FeedReader.From(1, Burst), FeedReader.Numbers(told));
        foreach (var reader in readers) await reader.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_that_stops_reading_is_cut_off_and_leaves_nothing_behind_while_another_gets_everything()
    {
        await using var server = await PoolhouseTestServer.Start(clock: new(DateTimeOffset.UnixEpoch.AddYears(56)));
        var (pool, before) = (await new Admin(server).Pool(), GC.GetTotalMemory(forceFullCollection: true));
        using var stopped = await Stopped(server, pool);
        await using var reader = await FeedReader.Open(server, pool);
        await reader.Next("heartbeat");
        await new Crowd(server, pool).Burst(Burst);
        for (long seq = 1; seq <= Burst; seq++) Assert.Equal(seq, (await reader.Next("revoked")).Position.Seq);

        // Eleven seconds without a byte taken; a reset shows before what is still in the socket has been read.
        for (var seconds = 0; !stopped.Poll(0, SelectMode.SelectError); seconds++, await Task.Delay(20))
        {
            Assert.True(seconds < 500, "it was not cut off");
            server.Clock!.Advance(TimeSpan.FromSeconds(1));
        }

        for (var tries = 0; GC.GetTotalMemory(forceFullCollection: true) - before > 4 << 20; tries++, await Task.Delay(100))
            Assert.True(tries < 50, $"{(GC.GetTotalMemory(forceFullCollection: true) - before) >> 20} MB are left");
        await reader.Beat(server.Clock!);
    }

    [Fact]
    public async Task A_reader_that_stops_reading_does_not_hold_up_the_end_of_the_host()
    {
        await using var server = await PoolhouseTestServer.Start();
        var pool = await new Admin(server).Pool();
        using var stopped = await Stopped(server, pool);
        await new Crowd(server, pool).Burst(Burst);
        // Until every buffer between is full.
        await Task.Delay(1500);
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        await server.Stop();
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    static async Task<Socket> Stopped(PoolhouseTestServer server, string pool)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync("127.0.0.1", server.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /{pool}/revocations/stream HTTP/1.1\r\nHost: localhost:{server.Port}\r\n\r\n"));
        await socket.ReceiveAsync(new byte[1]);
        return socket;
    }
}
