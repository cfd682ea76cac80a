using System.Data.Common;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Storage;

/// <summary>How a rotation ended.</summary>
public enum Rotation
{
    /// <summary>This call moved the session to the next generation.</summary>
    Done,

    /// <summary>The predecessor came back within its grace: the same successor again.</summary>
    Repeated,

    /// <summary>The predecessor came back too late: the family has been ended in this transaction.</summary>
    Reused,

    /// <summary>The session had ended before.</summary>
    Revoked,

    /// <summary>The session is past its absolute end.</summary>
    Expired,

    /// <summary>The session or its user is gone.</summary>
    Gone,

    /// <summary>A generation that was never issued: a restored database. The family is left alone.</summary>
    Ahead,
}

/// <summary>Sessions and, with them, the revocation feed: whatever ends a session says so in the feed in the same transaction.</summary>
public sealed class SessionStore(Database database, RefreshKey? keys = null)
{
    const long DayMs = 86_400_000;
    const long FeedMarginMs = 120_000;

    const string Columns =
        "id, pool_id, client_id, user_sub, birth, scopes, resource, auth_time, ends_at, generation, key_id, salt, rotated_at, revoked_at, end_reason, device_key";

    static readonly string Prefixed = "s." + Columns.Replace(", ", ", s.", StringComparison.Ordinal);
    static readonly int ColumnCount = Columns.Split(',').Length;

    static readonly string WithUser =
        $"""
        select {Prefixed}, {UserStore.Prefixed}, exists (select 1 from group_members m where m.pool_id = s.pool_id and m.sub = s.user_sub)
          from sessions s left join users u on u.pool_id = s.pool_id and u.sub = s.user_sub where s.id = @id
        """;

    /// <summary>Finds a session, ended or not.</summary>
    public async Task<Session?> Find(string id, CancellationToken cancel)
    {
        var found = await database.One($"select {Columns} from sessions where id = @id", Read, cancel, ("id", id));
        return found is null ? null : Believed(found);
    }

    /// <summary>Finds a session, ended or not, and its user if there is one still: what a refresh reads, in one way there and back.</summary>
    public Task<(Session? Session, User? User)> FindWithUser(string id, CancellationToken cancel) => database.One<(Session?, User?)>(
        WithUser,
        row => (Believed(Read(row)), row.IsDBNull(ColumnCount) ? null : UserStore.Read(row, ColumnCount) with { MayHaveGroups = row.GetBoolean(row.FieldCount - 1) }),
        cancel, ("id", id));

    /// <summary>
    /// Inserts a new session, if its user may still have one: the user row is locked and read again, and whatever ends the
    /// sessions of a user locks it first, so that a sign-in that races a sign-out or a disable cannot survive it.
    /// </summary>
    public static async Task<bool> Insert(Tx tx, Session session)
    {
        if (!await UserStore.LockEnabled(tx, session.PoolId, session.UserSub)) return false;
        await tx.Execute(
            $"""
            insert into sessions ({Columns}) values
            (@id, @pool, @client, @user, @birth, @scopes, @resource, @authTime, @endsAt, @generation, @keyId, @salt, @rotatedAt, null, null, @device)
            """,
            ("id", session.Id), ("pool", session.PoolId), ("client", session.ClientId), ("user", session.UserSub), ("birth", (long)session.Birth),
            ("scopes", session.Scopes), ("resource", session.Resource), ("authTime", session.AuthTime), ("endsAt", session.EndsAt),
            ("generation", session.Generation), ("keyId", session.KeyId), ("salt", session.Salt), ("rotatedAt", session.RotatedAt), ("device", session.DeviceKey));
        await AuditTrail.Append(tx, new(AuditKind.SessionStarted, AuditEvent.Ok, session.PoolId, session.ClientId, session.UserSub, session.Id));
        return true;
    }

    /// <summary>
    /// Spends one generation of a refresh token. The conditional update is the lock: of many racers one gets the row,
    /// and the others read on this same connection what became of it.
    /// </summary>
    public static async Task<Rotation> Rotate(Tx tx, string id, long presented, TimeSpan grace)
    {
        for (var attempt = 0; ; attempt++)
        {
            var won = await tx.Execute(
                """
                update sessions set generation = generation + 1, rotated_at = @now
                 where id = @id and generation = @presented and revoked_at is null and ends_at > @now
                """,
                ("id", id), ("presented", presented), ("now", tx.Now));
            if (won == 1) return Rotation.Done;

            var now = await tx.One($"select {Columns} from sessions where id = @id {tx.Dialect.ForUpdate}", Read, ("id", id));
            if (now is null) return Rotation.Gone;
            if (now.RevokedAt is not null) return Rotation.Revoked;
            if (now.EndsAt <= tx.Now) return Rotation.Expired;
            if (now.Generation == presented && attempt == 0) continue;
            if (now.Generation == presented + 1 && tx.Now < now.RotatedAt + (long)grace.TotalMilliseconds) return Rotation.Repeated;
            if (now.Generation < presented) return Rotation.Ahead;

            await End(tx, now, SessionEnd.RefreshTokenReused);
            return Rotation.Reused;
        }
    }

    /// <summary>Ends one session; false if it had ended before. Says so in the feed.</summary>
    public static async Task<bool> End(Tx tx, Session session, SessionEnd reason) =>
        await EndAll(tx, session.PoolId, "id = @key", session.Id, reason) == 1;

    /// <summary>Ends every session of a user, whose row the caller has locked; returns how many there were.</summary>
    public static Task<int> EndUser(Tx tx, string poolId, string sub, SessionEnd reason) =>
        EndAll(tx, poolId, "user_sub = @key", sub, reason);

    /// <summary>Ends the sessions that are bound to a device; the caller has locked its user.</summary>
    public static Task<int> EndDevice(Tx tx, string poolId, string deviceKey) => EndAll(tx, poolId, "device_key = @key", deviceKey, SessionEnd.DeviceForgotten);

    /// <summary>Ends every session of a pool, whose id may be used again.</summary>
    public static Task<int> EndAllOf(Tx tx, string poolId) => EndAll(tx, poolId, "pool_id = @key", poolId, SessionEnd.PoolDeleted);

    /// <summary>Ends all sessions of a client that is being deleted, by one mark in the feed: nothing is minted for it any more.</summary>
    public static async Task EndClient(Tx tx, string poolId, string clientId)
    {
        await AuditTrail.Append(tx, new(AuditKind.SessionsEnded, nameof(SessionEnd.ClientDeleted), poolId, clientId));
        await Mark(tx, poolId, RevocationKind.Client, clientId);
    }

    /// <summary>Ends all sessions of a pool that is being deleted, by one mark in the feed.</summary>
    public static async Task EndPool(Tx tx, string poolId)
    {
        await AuditTrail.Append(tx, new(AuditKind.SessionsEnded, nameof(SessionEnd.PoolDeleted), poolId));
        await Mark(tx, poolId, RevocationKind.Pool, poolId);
    }

    static async Task<int> EndAll(Tx tx, string poolId, string which, string key, SessionEnd reason)
    {
        // A session past its end may still have a live access token, of a day at most.
        var ended = await tx.Many(
            $"""
            select s.id,
                   (select access_ms from clients c where c.id = s.client_id),
                   (select access_ms_before from clients c where c.id = s.client_id),
                   (select access_changed_at from clients c where c.id = s.client_id), s.client_id, s.user_sub
              from sessions s where s.pool_id = @pool and s.{which} and s.revoked_at is null and s.ends_at > @past
             order by s.id {tx.Dialect.ForUpdate}
            """,
            row => (Id: row.GetString(0), Lifetime: HighestLifetime(row, tx.Now), Client: row.GetString(4), User: row.GetString(5)), ("pool", poolId), ("key", key), ("past", tx.Now - DayMs));
        if (ended.Count == 0) return 0;

        foreach (var (id, _, client, user) in ended)
        {
            await tx.Execute("update sessions set revoked_at = @now, end_reason = @reason where id = @id", ("now", tx.Now), ("reason", (long)reason), ("id", id));
            await AuditTrail.Append(tx, new(AuditKind.SessionEnded, reason.ToString(), poolId, client, user, id));
        }

        // The head is the last lock of the transaction: commit order is sequence order, without gaps.
        var seq = await AdvanceHead(tx, poolId, ended.Count) - ended.Count;
        foreach (var (id, lifetime, _, _) in ended)
            await Append(tx, poolId, ++seq, RevocationKind.Session, id, tx.Now + lifetime + FeedMarginMs);
        return ended.Count;
    }

    static async Task Mark(Tx tx, string poolId, RevocationKind kind, string value) =>
        await Append(tx, poolId, await AdvanceHead(tx, poolId, 1), kind, value, tx.Now + DayMs + FeedMarginMs);

    static Task<long> AdvanceHead(Tx tx, string poolId, int entries)
    {
        tx.Signal(new(RevocationStore.Appended, poolId));
        return tx.One(
            """
            insert into revocation_heads (pool_id, seq) values (@pool, @entries)
            on conflict (pool_id) do update set seq = revocation_heads.seq + @entries returning seq
            """,
            row => row.GetInt64(0), ("pool", poolId), ("entries", (long)entries));
    }

    static Task<int> Append(Tx tx, string poolId, long seq, RevocationKind kind, string value, long keepUntil) => tx.Execute(
        "insert into revocations (pool_id, seq, kind, value, at, keep_until) values (@pool, @seq, @kind, @value, @now, @keep)",
        ("pool", poolId), ("seq", seq), ("kind", (long)kind), ("value", value), ("now", tx.Now), ("keep", keepUntil));

    // The longest lifetime that the client's access tokens had within the last day; a client that is gone counts as the longest there is.
    static long HighestLifetime(DbDataReader row, long now)
    {
        if (row.IsDBNull(1)) return DayMs;
        var lifetime = row.GetInt64(1);
        return row.GetInt64(3) > now - DayMs ? Math.Max(lifetime, row.GetInt64(2)) : lifetime;
    }

    // A restored database may have forgotten that the session ended: nothing from before the restore is believed.
    Session Believed(Session found) =>
        found.RevokedAt is null && found.KeyId < keys?.Oldest ? found with { RevokedAt = database.Now, EndReason = SessionEnd.Restored } : found;

    static Session Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), (Birth)row.GetInt64(4), row.GetString(5), row.TextOrNull(6),
        row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetFieldValue<byte[]>(11), row.GetInt64(12),
        row.LongOrNull(13), row.LongOrNull(14) is { } reason ? (SessionEnd)reason : null, row.TextOrNull(15));
}
