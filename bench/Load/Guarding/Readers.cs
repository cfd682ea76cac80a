using System.Net.Sockets;
using System.Text;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.Guarding;

/// What it costs the server that many guards are connected while nothing is revoked.
/// <param name="Count">How many.</param>
/// <param name="Refreshes">Refreshes with and without them.</param>
/// <param name="IdleShare">Per cent of a core that the server takes with nothing to do but them.</param>
/// <param name="IdleShareWithout">The same with nothing to do at all.</param>
/// <param name="Kilobytes">Resident memory of each.</param>
sealed record ReadersResult(int Count, Race Refreshes, double IdleShare, double IdleShareWithout, double Kilobytes);

/// One server that refreshes in turn with readers of its feed and without.
sealed class Readers(Options options, Paths paths, HttpClient http)
{
    public const string Without = "no readers";
    public const string With = "with readers";
    const int Count = 1000;

    static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    public async Task<ReadersResult> Run()
    {
        Console.Error.WriteLine($"{Count} readers of the feed");
        var peer = Field.Poolhouse(paths, rotates: false);
        await using var server = await peer.Start(http, paths.Fresh("readers"), Options.ServerCore);
        var loop = await ClosedLoop.SignIn(peer, server, http, Options.Connections);
        await loop.Run((int)(peer.WarmUp * options.Scale));

        var stream = new Uri($"{peer.Issuer}/revocations/stream");
        var each = await Kilobytes(server, stream);
        var refreshes = new Race([Without, With]);
        for (var round = 0; round <= options.Rounds; round++)
            foreach (var name in round % 2 == 0 ? new[] { Without, With } : [With, Without])
            {
                await using var crowd = name == With ? await ReaderCrowd.Connect(stream, Count) : null;
                await Task.Delay(Settling);
                var sample = await loop.Run((int)(peer.Requests * options.Scale));
                crowd?.MustAllHaveHeard();
                Console.Error.WriteLine($"round {round}  {sample.PerSecond:F0}/s {sample.CpuMicroseconds:F0} µs  {name}");
                if (round > 0) refreshes.Add(name, sample);
            }
        // At the end, when everything is compiled that runs here.
        await Task.Delay(Settling);
        var without = await IdleShare(server);
        await using var last = await ReaderCrowd.Connect(stream, Count);
        return new(Count, refreshes, await IdleShare(server), without, each);
    }

    // Before the refreshes, when no memory lies about that readers could take.
    static async Task<double> Kilobytes(ServerProcess server, Uri stream)
    {
        var before = server.ResidentMegabytes();
        await using var crowd = await ReaderCrowd.Connect(stream, Count);
        await Task.Delay(Idle);
        crowd.MustAllHaveHeard();
        return (server.ResidentMegabytes() - before) * 1000 / Count;
    }

    static async Task<double> IdleShare(ServerProcess server)
    {
        await Task.Delay(Settling);
        var before = server.Cpu();
        await Task.Delay(Idle);
        return (server.Cpu() - before) / Idle * 100;
    }
}

/// Connections that read the stream and keep nothing of it, so that their own work stays small beside the server's.
sealed class ReaderCrowd : IAsyncDisposable
{
    readonly List<Socket> sockets = [];
    readonly List<Task> reading = [];
    readonly int[] heard;

    ReaderCrowd(int count) => heard = new int[count];

    public static async Task<ReaderCrowd> Connect(Uri stream, int count)
    {
        var crowd = new ReaderCrowd(count);
        var request = Encoding.ASCII.GetBytes($"GET {stream.PathAndQuery} HTTP/1.1\r\nHost: {stream.Authority}\r\n\r\n");
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            crowd.sockets.Add(socket);
            await socket.ConnectAsync(stream.Host, stream.Port);
            await socket.SendAsync(request);
            crowd.reading.Add(crowd.Read(i, socket));
        }
        return crowd;
    }

    public void MustAllHaveHeard()
    {
        if (heard.Min() == 0) throw new BenchException($"{heard.Count(one => one == 0)} readers have heard no heartbeat");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in sockets) socket.Dispose();
        await Task.WhenAll(reading);
    }

    async Task Read(int reader, Socket socket)
    {
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var read)
                if (buffer.AsSpan(0, read).IndexOf("event: heartbeat"u8) >= 0) heard[reader]++;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Hung up.
        }
    }
}
