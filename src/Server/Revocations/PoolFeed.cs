using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>Follows the feed of one pool while somebody reads it. A wake-up only makes the next look earlier; without one it comes after 200 ms.</summary>
sealed partial class PoolFeed : IAsyncDisposable
{
    static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(200);

    readonly string poolId;
    readonly FeedTail tail;
    readonly ILogger log;
    readonly CancellationTokenSource stop = new();
    readonly SemaphoreSlim wake = new(0, 1);
    // It holds no frame: one that is held keeps all that come after it.
    readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task loop;
    bool failing;

    public PoolFeed(string poolId, RevocationStore store, Func<long> lastBeat, TimeProvider time, ILogger log)
    {
        (this.poolId, this.log) = (poolId, log);
        tail = new(poolId, store, lastBeat, time);
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
        return tail.Last;
    }

    /// <summary>Where the newest frame stands.</summary>
    public async Task<FeedPosition?> Stands(CancellationToken cancel) => (await Latest(cancel))?.Position;

    /// <summary>Whether a reader is so far behind that the frames it holds on to would cost memory.</summary>
    public bool HasLost(FeedFrame frame) => tail.Last!.Number - frame.Number > RevocationFeed.MostBehind;

    /// <inheritdoc cref="FeedTail.Greeting"/>
    public ReadOnlyMemory<byte>? Greeting(FeedFrame frame) => tail.Greeting(frame);

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
            tail.Last?.End();
            started.TrySetResult();
        }
    }

    Task Pause() => wake.WaitAsync(Floor, stop.Token);

    async Task<bool> Look()
    {
        try
        {
            if (!await tail.Look(stop.Token)) return false;
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

    [LoggerMessage(6002, LogLevel.Error, "The revocation feed of {Pool} cannot be read; guards see their lag grow until it can")]
    static partial void Unreadable(ILogger log, Exception exception, string pool);
}
