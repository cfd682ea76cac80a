using System.Collections.Concurrent;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>
/// Finds the streams that have something to push and gives each its turn. While there is no enabled push stream it sleeps; with
/// one it looks when the feed grows, and once a second for what falls due or was not heard of.
/// </summary>
sealed partial class Pusher(Database database, SsfDeliveryStore deliveries, PushTurn turn, ILogger<Pusher> log) : BackgroundService
{
    const int MostAtOnce = 32;
    static readonly TimeSpan Floor = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);
    readonly SemaphoreSlim wake = new(0, 1);
    volatile bool asleep;
    bool failing;

    public override void Dispose()
    {
        base.Dispose();
        wake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        database.Changes.Watch(SsfStreamStore.Changed, _ => Wake());
        database.Changes.Watch(RevocationStore.Appended, _ =>
        {
            if (!asleep) Wake();
        });
        try
        {
            while (true)
            {
                asleep = !await Look(stoppingToken);
                await wake.WaitAsync(asleep ? Timeout.InfiniteTimeSpan : Floor, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; turns end with it and give their leases back.
        }
        await Task.WhenAll(running.Values);
    }

    // Called on the thread that writes: it only rings.
    void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
        }
        catch (ObjectDisposedException)
        {
            // The host has stopped.
        }
    }

    // Whether any stream is pushed to at all.
    async Task<bool> Look(CancellationToken stop)
    {
        try
        {
            if (!await deliveries.Pushes(stop)) return false;
            foreach (var id in await deliveries.Due(MostAtOnce * 2, stop))
                if (running.Count < MostAtOnce && !running.ContainsKey(id)) Start(id, stop);
            failing = false;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            if (!failing) Unreadable(log, fault);
            failing = true;
        }
        return true;
    }

    void Start(string id, CancellationToken stop)
    {
        var begun = new TaskCompletionSource();
        running[id] = Run();
        begun.SetResult();

        async Task Run()
        {
            await begun.Task.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                await turn.Run(id, stop);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                Broken(log, fault, id);
                // A fault that returns at once must not spin.
                await Task.Delay(Floor, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // The host stops.
            }
            running.TryRemove(id, out _);
            Wake();
        }
    }

    [LoggerMessage(6011, LogLevel.Error, "Streams of security events cannot be read; nothing is pushed until they can")]
    static partial void Unreadable(ILogger log, Exception exception);

    [LoggerMessage(6012, LogLevel.Error, "A turn of stream {Stream} broke off; the next goes on")]
    static partial void Broken(ILogger log, Exception exception, string stream);
}
