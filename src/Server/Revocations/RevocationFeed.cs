using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// The feed of this node: one follower for each pool that somebody reads, and while anybody reads anything a heartbeat,
/// one committed row a second for all pools together. With nobody there nothing runs.
/// </summary>
sealed partial class RevocationFeed : IAsyncDisposable
{
    /// <summary>Frames that a reader may be behind before it has to read from the table again.</summary>
    public const int MostBehind = 4096;

    /// <summary>Readers of one node; beyond that a relay is the better answer.</summary>
    public const int MostReaders = 5000;

    /// <summary>Between two heartbeats.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    readonly Dictionary<string, PoolFeed> pools = new(StringComparer.Ordinal);
    readonly Lock access = new();
    readonly CancellationTokenSource stop = new();
    readonly string node = Ids.Uuid();
    readonly Database database;
    readonly RevocationStore store;
    readonly TimeProvider time;
    readonly ILogger<RevocationFeed> log;
    Task pulse = Task.CompletedTask;
    int readers;
    long lastBeat;
    bool failing;

    public RevocationFeed(Database database, RevocationStore store, TimeProvider time, ILogger<RevocationFeed> log)
    {
        (this.database, this.store, this.time, this.log) = (database, store, time, log);
        database.Changes.Watch(RevocationStore.Appended, Wake);
    }

    /// <summary>How many read at this node.</summary>
    public int Readers => Volatile.Read(ref readers);

    /// <summary>How old the last heartbeat is, in seconds; 0 while nobody reads.</summary>
    public double Age => Readers == 0 || Volatile.Read(ref lastBeat) is not (> 0 and var beat) ? 0 : (database.Now - beat) / 1000.0;

    /// <summary>Joins the readers of a pool; null when there are too many.</summary>
    public PoolFeed? Join(string poolId)
    {
        lock (access)
        {
            if (readers >= MostReaders) return null;
            if (!pools.TryGetValue(poolId, out var pool) || pool.Ended)
                pools[poolId] = pool = new(poolId, store, () => Volatile.Read(ref lastBeat), time, log);
            pool.Readers++;
            if (readers++ == 0 && pulse.IsCompleted) pulse = Task.Run(Pulse);
            return pool;
        }
    }

    public async Task Leave(string poolId, PoolFeed pool)
    {
        lock (access)
        {
            readers--;
            if (--pool.Readers > 0) return;
            if (pools.TryGetValue(poolId, out var current) && current == pool) pools.Remove(poolId);
        }
        await pool.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await pulse;
        stop.Dispose();
    }

    // Called on the thread that writes: it only rings.
    void Wake(string? poolId)
    {
        lock (access)
        {
            foreach (var (id, pool) in pools)
                if (poolId is null || id == poolId) pool.Wake();
        }
    }

    async Task Pulse()
    {
        try
        {
            while (true)
            {
                await Once();
                await Task.Delay(Beat, time, stop.Token);
                lock (access)
                {
                    if (readers > 0) continue;
                    pulse = Task.CompletedTask;
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    async Task Once()
    {
        try
        {
            // After a failover or a restore the past may have lost its end; the readers must ask again for all of it.
            if (await database.Lineage(stop.Token) is { } lineage && await database.Write(tx => FeedEpoch.Follow(tx, lineage))) NewEpoch(log);
            Volatile.Write(ref lastBeat, await Proof());
            Wake(null);
            failing = false;
        }
        // Whatever it is: a pulse that ends would leave every guard blind until the next start.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!failing) NoBeat(log, e);
            failing = true;
        }
    }

    async Task<long> Proof()
    {
        try
        {
            return await store.Beat(node);
        }
        catch (StorageFullException) when (database.Dialect == Dialect.Sqlite)
        {
            // The one writer of this file is this process: a full disk takes nothing from what it knows, and revocations have their ballast.
            return database.Now;
        }
    }

    [LoggerMessage(6003, LogLevel.Error, "No heartbeat: the database takes no write; guards see their lag grow until it does")]
    static partial void NoBeat(ILogger log, Exception exception);

    [LoggerMessage(6004, LogLevel.Warning, "The database is another than before (a failover or a restore): the revocation feed begins a new epoch")]
    static partial void NewEpoch(ILogger log);
}
