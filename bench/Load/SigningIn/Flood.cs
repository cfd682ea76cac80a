using System.Diagnostics;

namespace Poolhouse.Load.SigningIn;

/// Connections that sign in again and again until they are told to stop.
sealed class Flood : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Stopwatch watch = Stopwatch.StartNew();
    readonly Task connections;
    int signedIn;

    public Flood(int connections, Func<Task> signIn) => this.connections = Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
    {
        while (!stop.IsCancellationRequested)
        {
            await signIn();
            Interlocked.Increment(ref signedIn);
        }
    }));

    public double PerSecond => signedIn / watch.Elapsed.TotalSeconds;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await connections;
        stop.Dispose();
    }
}
