using System.Diagnostics;
using System.Text.Json;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// Refreshes that are due at a steady rate, whether or not the last one took long: one connection, on a thread of its own that waits for
/// nothing else in the driver.
static class SteadyRefreshes
{
    public const int PerSecond = 50;

    /// The latency of each in milliseconds, from when it was sent, or from when it was due if the one before was still on its way.
    public static Task<double[]> Run(PoolhousePeer peer, string refreshToken, int count) =>
        Task.Factory.StartNew(() => OneByOne(peer, refreshToken, count), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    static double[] OneByOne(PoolhousePeer peer, string refreshToken, int count)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        var (took, clock) = (new double[count], Stopwatch.StartNew());
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((i + 1.0) / PerSecond);
            var late = clock.Elapsed > due;
            while (clock.Elapsed < due) Thread.Sleep(1);
            var from = late ? due : clock.Elapsed;
            using var request = peer.Refresh(refreshToken);
            using var reply = http.Send(request);
            using var json = JsonDocument.Parse(reply.EnsureSuccessStatusCode().Content.ReadAsStream());
            took[i] = (clock.Elapsed - from).TotalMilliseconds;
            peer.Read(json.RootElement);
        }
        return took;
    }
}
