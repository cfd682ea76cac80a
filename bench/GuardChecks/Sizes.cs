using System.Diagnostics;
using Poolhouse.Guard;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.GuardChecks;

/// What a guard holds in memory, and how long it takes to fill.
static class Sizes
{
    /// Bytes per revoked session: what the heap has grown by, and what the set says of itself. The set alone, without a feed.
    public static double[] RevokedSet(int revoked)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var set = new RevokedSet();
        for (var i = 0; i < revoked; i++) set.Add(RevocationKind.Session, FakeIssuer.Session(), null, uint.MaxValue);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        return [(double)grown / revoked, (double)set.Bytes / set.Count];
    }

    /// Bytes per token that a guard remembers.
    public static async Task<double> Remembered(Issued issued)
    {
        await using var guard = await FakeIssuer.Guard(issued, FakeIssuer.Snapshot(0));
        await guard.CheckAsync(issued.Tokens[0]); // what every guard needs once
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var token in issued.Tokens) await guard.CheckAsync(token);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(guard);
        return (double)grown / issued.Tokens.Length;
    }

    /// Milliseconds from the start of a guard until it knows so many revocations. The snapshot is in memory: what a network takes is its own.
    public static async Task<double> Load(Issued issued, int revoked)
    {
        var snapshot = FakeIssuer.Snapshot(revoked);
        GC.Collect();
        var began = Stopwatch.GetTimestamp();
        await using var guard = await FakeIssuer.Guard(issued, snapshot);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return guard.Status.Entries == revoked ? took : throw new InvalidOperationException("the guard has not heard of all revocations");
    }
}
