using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>Sessions without sign-ins and revocations without sessions, for tests that need many in little time.</summary>
public sealed class Crowd(PoolhouseTestServer server, string pool)
{
    readonly Database database = server.Service<Database>();
    User? user;

    /// <summary>Starts a session and returns it.</summary>
    public async Task<Session> Begin()
    {
        if (user is null)
        {
            user = new User(pool, Ids.Uuid(), "crowd", UserStatus.Confirmed, true, new Dictionary<string, string>(), null, null, 1, 1);
            await database.Write(tx => UserStore.Insert(tx, user, caseSensitive: true, [], false));
        }
        var session = new Session(Ids.Uuid(), pool, "c", user.Sub, Birth.Api, "s", null, database.Now, database.Now + 3_600_000, 0, 1, new byte[16], 0);
        await database.Write(tx => SessionStore.Insert(tx, session));
        return session;
    }

    public Task End(Session session) => database.WriteEvenIfFull(tx => SessionStore.End(tx, session, SessionEnd.Revoked));

    /// <summary>Starts a session and ends it; its id.</summary>
    public async Task<string> EndOne()
    {
        var session = await Begin();
        await End(session);
        return session.Id;
    }

    /// <summary>Appends many entries to the feed in one commit, as if as many sessions had ended together.</summary>
    public Task Burst(int entries, long keepMs = 3_600_000) => database.Write(async tx =>
    {
        var head = await tx.One("""
            insert into revocation_heads (pool_id, seq) values (@pool, @n)
            on conflict (pool_id) do update set seq = revocation_heads.seq + @n returning seq
            """, row => row.GetInt64(0), ("pool", pool), ("n", (long)entries));
        await tx.Execute(
            """
            with recursive numbers (n) as (select @first union all select n + 1 from numbers where n < @last)
            insert into revocations (pool_id, seq, kind, value, at, keep_until)
            select @pool, n, 1, printf('00000000-0000-4000-8000-%012x', n), @now, @keep from numbers
            """,
            ("pool", pool), ("first", head - entries + 1), ("last", head), ("now", tx.Now), ("keep", tx.Now + keepMs));
        return head;
    });
}
