using System.Data.Common;
using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Storage;

/// <summary>
/// What is on its way over the streams of security events. There is no queue: what waits is what the feed holds beyond the place of
/// the stream. A lease keeps two nodes from pushing the same stream; it is a courtesy and no lock, and what fences is that the place
/// moves by compare-and-set. A lease that lapses can send an event twice and lose none.
/// </summary>
public sealed class SsfDeliveryStore(Database database)
{
    // Open entries of a stream. A pool's own mark has no reader: its streams, and the keys that would sign for it, go with the pool.
    const string Open =
        """
        r.pool_id = @pool and r.seq > @seq and r.keep_until > @now and r.kind <> 3
        and not exists (select 1 from ssf_acks a where a.stream_id = @id and a.seq = r.seq)
        """;

    /// <summary>Whether any stream is pushed to at all.</summary>
    public async Task<bool> Pushes(CancellationToken cancel) =>
        await database.One("select true from ssf_streams where method = 1 and status = 1 limit 1", _ => true, cancel);

    /// <summary>The streams that have something to push, may try it now, and that nobody is pushing to.</summary>
    public Task<List<string>> Due(int limit, CancellationToken cancel) => database.Many(
        """
        select s.id from ssf_streams s left join revocation_heads h on h.pool_id = s.pool_id
         where s.method = 1 and s.status = 1 and s.retry_at <= @now and s.lease_until <= @now
           and ((s.wants and coalesce(h.seq, 0) <> s.seq) or exists (select 1 from ssf_verifications v where v.stream_id = s.id))
         order by s.retry_at, s.id limit @limit
        """,
        row => row.GetString(0), cancel, ("now", database.Now), ("limit", (long)limit));

    /// <summary>The entries after the stream's place that still count and are not acknowledged, in order.</summary>
    public Task<List<RevokedEntry>> Entries(SsfStream stream, int limit, CancellationToken cancel) => database.Many(
        $"""
        select r.seq, r.kind, r.value, r.at, s.user_sub, s.end_reason
          from revocations r left join sessions s on r.kind = 1 and s.id = r.value
         where {Open} order by r.seq limit @limit
        """,
        row => new RevokedEntry(row.GetInt64(0), (RevocationKind)row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.TextOrNull(4),
            row.LongOrNull(5) is { } reason ? (SessionEnd)reason : null),
        cancel, ("pool", stream.PoolId), ("id", stream.Id), ("seq", stream.Seq), ("now", database.Now), ("limit", (long)limit));

    /// <summary>The verification events that wait, the oldest first.</summary>
    public Task<List<SsfVerification>> Verifications(string streamId, int limit, CancellationToken cancel) => database.Many(
        "select id, state, created_at from ssf_verifications where stream_id = @id order by created_at, id limit @limit",
        row => new SsfVerification(row.GetString(0), row.TextOrNull(1), row.GetInt64(2)), cancel, ("id", streamId), ("limit", (long)limit));

    /// <summary>Takes the lease of a stream that may be pushed to; false if somebody has it.</summary>
    public static async Task<bool> Take(Tx tx, string id, string lease, TimeSpan term) => await tx.Execute(
        "update ssf_streams set lease = @lease, lease_until = @until where id = @id and method = 1 and status = 1 and lease_until <= @now",
        ("id", id), ("lease", lease), ("until", tx.Now + term.Ms()), ("now", tx.Now)) == 1;

    /// <summary>Gives the lease back.</summary>
    public static Task Release(Tx tx, string id, string lease) =>
        tx.Execute("update ssf_streams set lease = null, lease_until = 0 where id = @id and lease = @lease", ("id", id), ("lease", lease));

    /// <summary>Moves the place of a stream after a push, and renews the lease; false if the lease or the place is not what it was.</summary>
    public static async Task<bool> Advance(Tx tx, SsfStream stream, long to, string lease, TimeSpan term, bool refused = false) => await tx.Execute(
        """
        update ssf_streams set seq = @to, lease_until = @until, failures = 0, failing_since = null, trouble = null, refused = refused + @refused
         where id = @id and seq = @from and lease = @lease
        """,
        ("id", stream.Id), ("from", stream.Seq), ("to", to), ("lease", lease), ("until", tx.Now + term.Ms()), ("refused", refused ? 1L : 0L)) == 1;

    /// <summary>Forgets a verification event that was pushed, and renews the lease; false if the lease is not what it was.</summary>
    public static async Task<bool> Verified(Tx tx, SsfStream stream, string verificationId, string lease, TimeSpan term, bool refused)
    {
        await tx.Execute("delete from ssf_verifications where id = @id", ("id", verificationId));
        return await Advance(tx, stream, stream.Seq, lease, term, refused);
    }

    /// <summary>Notes that a push failed and when the next is due.</summary>
    public static Task Fail(Tx tx, string id, string lease, string trouble, TimeSpan wait) => tx.Execute(
        """
        update ssf_streams set failures = failures + 1, failing_since = coalesce(failing_since, @now), retry_at = @retry, trouble = @trouble
         where id = @id and lease = @lease
        """,
        ("id", id), ("lease", lease), ("trouble", trouble), ("now", tx.Now), ("retry", tx.Now + wait.Ms()));

    /// <summary>Pauses a stream of our own accord.</summary>
    public static async Task<bool> Pause(Tx tx, string id, string lease, string reason)
    {
        Changes.Append(tx, SsfStreamStore.Changed, id);
        return await tx.Execute("update ssf_streams set status = 2, reason = @reason where id = @id and status = 1 and lease = @lease",
            ("id", id), ("reason", reason), ("lease", lease)) == 1;
    }

    /// <summary>Notes that a receiver has polled; to the hour, since it may poll every second.</summary>
    public Task Touch(SsfStream stream) => stream.ActiveAt > database.Now - 3_600_000 ? Task.CompletedTask
        : database.Write(tx => tx.Execute("update ssf_streams set active_at = @now where id = @id", ("id", stream.Id), ("now", tx.Now)));

    /// <summary>Takes acknowledgements of a poll, in whatever order they come; the place moves up to the oldest entry that is still open.</summary>
    public static async Task Acknowledge(Tx tx, string id, IReadOnlyCollection<long> entries, IReadOnlyCollection<string> verifications)
    {
        foreach (var verification in verifications)
            await tx.Execute("delete from ssf_verifications where id = @verification and stream_id = @id", ("verification", verification), ("id", id));
        if (entries.Count == 0) return;
        var (poolId, seq) = await tx.One(
            $"select pool_id, seq from ssf_streams where id = @id {tx.Dialect.ForUpdate}", row => (row.GetString(0), row.GetInt64(1)), ("id", id));
        if (poolId is null) return;
        foreach (var entry in entries.Where(entry => entry > seq))
            await tx.Execute("insert into ssf_acks (stream_id, seq) values (@id, @seq) on conflict do nothing", ("id", id), ("seq", entry));
        // The head first: what is appended after it was read is not jumped over.
        var head = await tx.One("select seq from revocation_heads where pool_id = @pool", row => row.GetInt64(0), ("pool", poolId));
        var open = await tx.One($"select min(r.seq) from revocations r where {Open}", row => row.LongOrNull(0),
            ("pool", poolId), ("id", id), ("seq", seq), ("now", tx.Now));
        var to = open - 1 ?? head;
        await tx.Execute("update ssf_streams set seq = @to where id = @id and seq < @to", ("id", id), ("to", to));
        await tx.Execute("delete from ssf_acks where stream_id = @id and seq <= @to", ("id", id), ("to", to));
    }
}
