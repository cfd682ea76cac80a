using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// Follows the feed of one pool while somebody reads it. The table is the truth: a wake-up only makes the next look earlier,
/// and without one the look comes after 200 ms.
/// </summary>
sealed partial class PoolFeed : IAsyncDisposable
{
    const int PageSize = 500;
    static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(200);

    readonly string poolId;
    readonly RevocationStore store;
    readonly Func<long> lastBeat;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly CancellationTokenSource stop = new();
    readonly SemaphoreSlim wake = new(0, 1);
    // It holds no frame: one that is held keeps all that come after it.
    readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task loop;
    FeedFrame? last;
    long beat;
    long beatAt;
    bool failing;

    public PoolFeed(string poolId, RevocationStore store, Func<long> lastBeat, TimeProvider time, ILogger log)
    {
        (this.poolId, this.store, this.lastBeat, this.time, this.log) = (poolId, store, lastBeat, time, log);
        // A beat from before anybody read here can be old, and who takes its coming for news would believe a node that is cut off.
        beat = lastBeat();
        loop = Task.Run(Follow);
    }

    /// <summary>How many read it; the owner's, under its lock.</summary>
    public int Readers { get; set; }

    /// <summary>Whether it has come to an end, so that who comes now needs another.</summary>
    public bool Ended { get; private set; }

    /// <summary>The newest frame, as soon as the table has been read once; null if the feed ended before that.</summary>
    public async Task<FeedFrame?> Latest(CancellationToken cancel)
    {
        await started.Task.WaitAsync(cancel);
        return Volatile.Read(ref last);
    }

    /// <summary>Where the newest frame stands.</summary>
    public async Task<FeedPosition?> Stands(CancellationToken cancel) => (await Latest(cancel))?.Position;

    /// <summary>Whether a reader is so far behind that the frames it holds on to would cost memory.</summary>
    public bool HasLost(FeedFrame frame) => Volatile.Read(ref last)!.Number - frame.Number > RevocationFeed.MostBehind;

    /// <summary>The newest heartbeat for a reader that joins at a frame, so that it need not wait for the next; null when that one is due.</summary>
    public ReadOnlyMemory<byte>? Greeting(FeedFrame frame) =>
        frame.Proven > 0 && time.GetElapsedTime(Volatile.Read(ref beatAt)) < RevocationFeed.Beat ? FeedFrame.Heartbeat(frame.Position, frame.Proven) : null;

    public void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
        wake.Dispose();
    }

    async Task Follow()
    {
        try
        {
            while (await Look()) await Pause();
        }
        catch (OperationCanceledException)
        {
            // Nobody reads any more, or the host stops.
        }
        finally
        {
            Ended = true;
            last?.End();
            started.TrySetResult();
        }
    }

    Task Pause() => wake.WaitAsync(Floor, stop.Token);

    /// <summary>Tells what came since the last look. False when the readers must begin anew.</summary>
    async Task<bool> Look()
    {
        try
        {
            var proven = lastBeat();    // what is read from here on was committed before this beat or after it, never missed
            var head = await store.Head(poolId, stop.Token);
            last ??= new(0, head, 0, default);
            if (head.Epoch != last.Position.Epoch || head.Seq < last.Position.Seq) return false;
            while (last.Position.Seq < head.Seq)
                if (!await Tell()) return false;
            // Another one, not a later one: the clock may have been set back, and guards would hear nothing until it has caught up.
            if (proven != beat)
            {
                Volatile.Write(ref beatAt, time.GetTimestamp());
                last = last.Follow(beat = proven);
            }
            started.TrySetResult();
            failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // No heartbeat goes out, which tells the guards how old their knowledge is.
            if (!failing) Unreadable(log, e, poolId);
            failing = true;
        }
        return true;
    }

    async Task<bool> Tell()
    {
        var page = await store.After(poolId, last!.Position.Seq, PageSize, stop.Token);
        if (page.Count == 0) return false;
        foreach (var entry in page)
        {
            // Forgotten between our looks: a node that slept. Readers that begin anew miss nothing that still counts.
            if (entry.Seq != last.Position.Seq + 1) return false;
            var position = last.Position with { Seq = entry.Seq };
            last = last.Follow(position, entry);
        }
        return true;
    }

    [LoggerMessage(6002, LogLevel.Error, "The revocation feed of {Pool} cannot be read; guards see their lag grow until it can")]
    static partial void Unreadable(ILogger log, Exception exception, string pool);
}
