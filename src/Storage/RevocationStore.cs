using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Storage;

/// <summary>The revocation feed as it is read. Only <see cref="SessionStore"/> writes it, in the transaction that ends the session.</summary>
public sealed class RevocationStore(Database database)
{
    /// <summary>What is announced, with the pool's id, when something was appended to the feed of a pool.</summary>
    public const string Appended = "revocation";

    /// <summary>Rows of nodes that have been silent for an hour.</summary>
    public const string PurgeNodesSql = "delete from nodes where id in (select id from nodes where seen_at < @now - 3600000 limit @limit)";

    /// <summary>Where the feed of a pool stands.</summary>
    public async Task<FeedPosition> Head(string poolId, CancellationToken cancel) => await database.One(
        "select m.value, coalesce(h.seq, 0) from meta m left join revocation_heads h on h.pool_id = @pool where m.key = 'epoch'",
        row => new FeedPosition(row.GetString(0), row.GetInt64(1)), cancel, ("pool", poolId));

    /// <summary>The entries after one, in order; fewer than the limit means that there are no more yet.</summary>
    public Task<List<Revocation>> After(string poolId, long seq, int limit, CancellationToken cancel) => database.Many(
        "select seq, kind, value, keep_until from revocations where pool_id = @pool and seq > @seq order by seq limit @limit",
        row => new Revocation(row.GetInt64(0), (RevocationKind)row.GetInt64(1), row.GetString(2), (row.GetInt64(3) + 999) / 1000), cancel,
        ("pool", poolId), ("seq", seq), ("limit", (long)limit));

    /// <summary>Whether every entry between two places is still there; what is forgotten can no longer be told.</summary>
    public async Task<bool> Reaches(string poolId, long after, long head, CancellationToken cancel) => head - after == await database.One(
        "select count(*) from revocations where pool_id = @pool and seq > @after and seq <= @head", row => row.GetInt64(0), cancel,
        ("pool", poolId), ("after", after), ("head", head));

    /// <summary>Says that this node lives; the time of the commit. A node that is cut off from the database cannot say it.</summary>
    public Task<long> Beat(string node) => database.Write(async tx =>
    {
        await tx.Execute("insert into nodes (id, seen_at) values (@id, @now) on conflict (id) do update set seen_at = excluded.seen_at", ("id", node), ("now", tx.Now));
        return tx.Now;
    });
}
