using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// What this node has read of the feed of one pool, as frames. Each look tells what was committed since the one before; the table is the truth,
/// and nothing else is.
/// </summary>
sealed class FeedTail
{
    const int PageSize = 500;

    readonly string poolId;
    readonly RevocationStore store;
    readonly Func<long> lastBeat;
    readonly TimeProvider time;
    FeedFrame? last;
    long beat;
    long beatAt;

    public FeedTail(string poolId, RevocationStore store, Func<long> lastBeat, TimeProvider time)
    {
        (this.poolId, this.store, this.lastBeat, this.time) = (poolId, store, lastBeat, time);
        // A beat from before anybody read here can be old, and who takes its coming for news would believe a node that is cut off.
        beat = lastBeat();
    }

    /// <summary>The newest frame; null before the first look.</summary>
    public FeedFrame? Last => Volatile.Read(ref last);

    /// <summary>The newest heartbeat for a reader that joins at a frame, so that it need not wait for the next; null when that one is due.</summary>
    public ReadOnlyMemory<byte>? Greeting(FeedFrame frame) =>
        frame.Proven > 0 && time.GetElapsedTime(Volatile.Read(ref beatAt)) < RevocationFeed.Beat ? FeedFrame.Heartbeat(frame.Position, frame.Proven) : null;

    /// <summary>Tells what came since the last look. False when the readers must begin anew.</summary>
    public async Task<bool> Look(CancellationToken cancel)
    {
        var proven = lastBeat();    // what is read from here on was committed before this beat or after it, never missed
        var head = await store.Head(poolId, cancel);
        last ??= new(0, head, 0, default);
        if (head.Epoch != last.Position.Epoch || head.Seq < last.Position.Seq) return false;
        while (last.Position.Seq < head.Seq)
            if (!await Tell(last.Position, cancel)) return false;
        // Another one, not a later one: the clock may have been set back, and guards would hear nothing until it has caught up.
        if (proven != beat)
        {
            Volatile.Write(ref beatAt, time.GetTimestamp());
            last = last.Follow(beat = proven);
        }
        return true;
    }

    async Task<bool> Tell(FeedPosition known, CancellationToken cancel)
    {
        var page = await store.After(poolId, known.Seq, PageSize, cancel);
        if (page.Count == 0) return false;
        foreach (var entry in page)
        {
            // Forgotten between our looks: a node that slept. Readers that begin anew miss nothing that still counts.
            if (entry.Seq != known.Seq + 1) return false;
            known = known with { Seq = entry.Seq };
            last = last!.Follow(known, entry);
        }
        return true;
    }
}
