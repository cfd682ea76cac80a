using System.Collections.Concurrent;

namespace Poolhouse.Server.Outbound;

/// <summary>
/// Gives each piece of work that is due its turn, some at once: looks when it is rung, when a turn has ended, and once a second for what
/// has fallen due or was not heard of. While a look says that there is no such work at all, it sleeps until it is rung.
/// </summary>
/// <param name="what">What the work is about, for the log.</param>
/// <param name="mostAtOnce">How many turns there are at once.</param>
/// <param name="log">Where faults go.</param>
public sealed partial class Turns(string what, int mostAtOnce, ILogger log) : IDisposable
{
    static readonly TimeSpan Floor = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);
    readonly SemaphoreSlim wake = new(0, 1);
    volatile bool asleep;
    bool failing;

    /// <summary>Whether only a ring wakes it.</summary>
    public bool Asleep => asleep;

    public void Dispose() => wake.Dispose();

    /// <summary>Asks for a look. It may be called on the thread that writes: it only rings.</summary>
    public void Ring()
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

    /// <summary>Goes on until it is stopped, and then until the last turn has ended.</summary>
    /// <param name="due">Up to so many ids of what is due; null if there is no such work at all.</param>
    /// <param name="turn">One turn.</param>
    /// <param name="stop">Stops it, and is given to the turns.</param>
    public async Task Run(Func<int, CancellationToken, Task<List<string>?>> due, Func<string, CancellationToken, Task> turn, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                asleep = !await Look(due, turn, stop);
                await wake.WaitAsync(asleep ? Timeout.InfiniteTimeSpan : Floor, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
        await Task.WhenAll(running.Values);
    }

    async Task<bool> Look(Func<int, CancellationToken, Task<List<string>?>> due, Func<string, CancellationToken, Task> turn, CancellationToken stop)
    {
        try
        {
            // Those that have their turn may still be due: twice as many are asked for as can run.
            if (await due(mostAtOnce * 2, stop) is not { } ids) return false;
            foreach (var id in ids)
                if (running.Count < mostAtOnce && !running.ContainsKey(id)) Start(id, turn, stop);
            failing = false;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            if (!failing) Unreadable(log, fault, what);
            failing = true;
        }
        return true;
    }

    void Start(string id, Func<string, CancellationToken, Task> turn, CancellationToken stop)
    {
        var begun = new TaskCompletionSource();
        running[id] = Run();
        begun.SetResult();

        async Task Run()
        {
            await begun.Task.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                await turn(id, stop);
            }
            catch (OperationCanceledException)
            {
                // The host stops.
            }
            catch (Exception fault)
            {
                Broken(log, fault, what, id);
                // A fault that returns at once must not spin.
                await Task.Delay(Floor, CancellationToken.None);
            }
            running.TryRemove(id, out _);
            Ring();
        }
    }

    [LoggerMessage(7101, LogLevel.Error, "What is due of {What} cannot be read; nothing is delivered until it can")]
    static partial void Unreadable(ILogger log, Exception exception, string what);

    [LoggerMessage(7102, LogLevel.Error, "A turn of {What} {Id} broke off; the next goes on")]
    static partial void Broken(ILogger log, Exception exception, string what, string id);
}
