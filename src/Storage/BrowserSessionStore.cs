using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>A session of the hosted pages, as its cookie stands for it.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="UserSub">The user.</param>
/// <param name="AuthTime">When they signed in, unix ms.</param>
public sealed record BrowserSession(string PoolId, string UserSub, long AuthTime);

/// <summary>Sessions of the hosted pages: one hour, not extended by use, ended by /logout. The row holds the keyed hash of the cookie.</summary>
public sealed class BrowserSessionStore(Database database, MasterKey master)
{
    /// <summary>How long the cookie lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Finds the live session of a cookie.</summary>
    public Task<BrowserSession?> Find(string cookie, CancellationToken cancel) => database.One(
        "select pool_id, user_sub, auth_time from browser_sessions where hash = @hash and ends_at > @now",
        row => new BrowserSession(row.GetString(0), row.GetString(1), row.GetInt64(2)), cancel, ("hash", Hash(cookie)), ("now", database.Now));

    /// <summary>Starts a session and returns its cookie.</summary>
    public async Task<string> Start(Tx tx, BrowserSession session)
    {
        var cookie = Ids.Handle();
        await tx.Execute(
            "insert into browser_sessions (hash, pool_id, user_sub, auth_time, ends_at) values (@hash, @pool, @user, @authTime, @endsAt)",
            ("hash", Hash(cookie)), ("pool", session.PoolId), ("user", session.UserSub), ("authTime", session.AuthTime),
            ("endsAt", tx.Now + Lifetime.Ms()));
        return cookie;
    }

    /// <summary>Ends the session of a cookie, if it is one.</summary>
    public Task End(Tx tx, string cookie) => tx.Execute("delete from browser_sessions where hash = @hash", ("hash", Hash(cookie)));

    byte[] Hash(string cookie) => master.Hash("browser-session", cookie);
}
