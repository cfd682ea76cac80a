using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A wire between guard and server that can be cut.</summary>
sealed class TcpProxy : IAsyncDisposable
{
    readonly ConcurrentDictionary<TcpClient, bool> open = new();
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly int target;
    readonly Task loop;
    volatile bool cut;

    public TcpProxy(int target)
    {
        this.target = target;
        listener.Start();
        loop = Run();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Cut()
    {
        cut = true;
        foreach (var one in open.Keys) one.Close();
    }

    public void Mend() => cut = false;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Cut();
        listener.Dispose();
        await loop;
        stop.Dispose();
    }

    async Task Run()
    {
        try
        {
            while (true) _ = Carry(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    async Task Carry(TcpClient near)
    {
        using var far = new TcpClient();
        (open[near], open[far]) = (true, true);
        try
        {
            if (cut) return;
            await far.ConnectAsync(IPAddress.Loopback, target);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            near.Dispose();
            open.TryRemove(near, out _);
            open.TryRemove(far, out _);
        }
    }
}
