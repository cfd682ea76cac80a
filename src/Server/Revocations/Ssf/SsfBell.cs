using System.Collections.Concurrent;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>Rings when there may be something new for the streams of a pool. It may ring for nothing, and what it misses is found by looking now and then.</summary>
sealed class SsfBell
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    public SsfBell(Database database)
    {
        database.Changes.Watch(RevocationStore.Appended, Ring);
        database.Changes.Watch(SsfStreamStore.Changed, _ => Ring(null));
    }

    /// <summary>Ends when it rings the next time. Whoever waits takes it before looking, so that nothing falls between.</summary>
    public Task Next(string poolId) => waiting.GetOrAdd(poolId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    // Called on the thread that writes: it only rings.
    void Ring(string? poolId)
    {
        foreach (var id in poolId is null ? waiting.Keys : [poolId])
            if (waiting.TryRemove(id, out var bell)) bell.TrySetResult();
    }
}
