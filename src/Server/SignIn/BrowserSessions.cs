using Poolhouse.Core.Users;
using Poolhouse.Server.Http;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A browser that is signed in at the hosted pages.</summary>
/// <param name="User">Who.</param>
/// <param name="AuthTime">Since when, unix ms.</param>
public sealed record SignedInBrowser(User User, long AuthTime);

/// <summary>The session cookie of the hosted pages: one hour, one pool, ended by /logout only.</summary>
public sealed class BrowserSessions(Database database, BrowserSessionStore sessions, UserStore users, Cookies cookies)
{
    /// <summary>Who is signed in to a pool in this browser, or null; a disabled user is not.</summary>
    public async Task<SignedInBrowser?> Find(HttpRequest request, string poolId, CancellationToken cancel)
    {
        if (cookies.Session(request, poolId) is not { } cookie || await sessions.Find(cookie, cancel) is not { } session || session.PoolId != poolId) return null;
        var user = await users.Get(poolId, session.UserSub, cancel);
        return user is { Enabled: true, Status: UserStatus.Confirmed } ? new(user, session.AuthTime) : null;
    }

    /// <summary>Signs a user in, with a new session id every time (no fixation); returns the time of the sign-in.</summary>
    public async Task<long> Start(HttpContext context, User user)
    {
        if (cookies.Session(context.Request, user.PoolId) is { } old) await database.Write(tx => sessions.End(tx, old));
        var authTime = database.Now;
        var cookie = await database.Write(tx => sessions.Start(tx, new(user.PoolId, user.Sub, authTime)));
        cookies.StartSession(context.Response, user.PoolId, cookie, BrowserSessionStore.Lifetime);
        return authTime;
    }

    /// <summary>Signs this browser out of a pool.</summary>
    public async Task End(HttpContext context, string poolId)
    {
        if (cookies.Session(context.Request, poolId) is { } cookie) await database.WriteEvenIfFull(async tx => { await sessions.End(tx, cookie); return true; });
        cookies.EndSession(context.Response, poolId);
    }
}
