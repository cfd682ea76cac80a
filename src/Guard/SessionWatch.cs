using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard;

/// <summary>
/// Follows the end of one session, for connections that outlive the check at their beginning: WebSockets, server-sent events, gRPC
/// streams. Dispose of it when the connection ends.
/// </summary>
public sealed class SessionSubscription : IDisposable
{
    readonly CancellationTokenSource source = new();
    readonly Action<SessionSubscription> forget;

    internal SessionSubscription(string[] keys, Action<SessionSubscription> forget) => (Keys, this.forget) = (keys, forget);

    /// <summary>
    /// Cancelled when the session is revoked (revocation, sign-out, a disabled or deleted user, a reused refresh token) or its app client or
    /// pool is deleted. Not when the token expires, which says nothing of the session; and never for a machine, but by the deletion of its client.
    /// </summary>
    public CancellationToken Ended => source.Token;

    internal string[] Keys { get; }

    /// <summary>Follows no longer.</summary>
    public void Dispose() => forget(this);

    internal void End() => source.Cancel();
}

/// <summary>All subscriptions of a guard, by session and by client.</summary>
sealed class SessionWatch(GuardLog log)
{
    // The key of everybody: the pool was deleted.
    const string Pool = "";

    readonly Dictionary<string, HashSet<SessionSubscription>> watched = new(StringComparer.Ordinal);
    readonly Lock access = new();

    /// <param name="token">The session to follow.</param>
    /// <param name="isRevoked">Asked after the subscription stands, so that a revocation that came in between is not missed.</param>
    public SessionSubscription Of(VerifiedToken token, Func<bool> isRevoked)
    {
        var made = new SessionSubscription([Pool, token.ClientId, .. token.Session is { } session ? [Key(session)] : Array.Empty<string>()], Forget);
        lock (access)
        {
            foreach (var key in made.Keys)
            {
                if (!watched.TryGetValue(key, out var all)) watched[key] = all = [];
                all.Add(made);
            }
        }
        if (isRevoked()) made.End();
        return made;
    }

    /// <summary>How many follow.</summary>
    public int Count
    {
        get { lock (access) return watched.TryGetValue(Pool, out var all) ? all.Count : 0; }
    }

    static string Key(Guid session) => session.ToString("D");

    public void Ended(RevocationKind kind, Guid session, string? value)
    {
        SessionSubscription[] ended;
        lock (access)
        {
            // A snapshot of a million sessions must not make a million keys for nobody.
            if (watched.Count == 0) return;
            var key = kind switch { RevocationKind.Session => Key(session), RevocationKind.Pool => Pool, _ => value! };
            if (!watched.TryGetValue(key, out var all)) return;
            ended = [.. all];
        }
        // Never on the thread that reads the feed: somebody's callback must not hold up the next revocation.
        foreach (var one in ended) ThreadPool.UnsafeQueueUserWorkItem(_ => End(one), null);
    }

    void End(SessionSubscription one)
    {
        try
        {
            one.End();
        }
        catch (Exception e)
        {
            log.WatcherFailed(e, one.Keys[^1]);
        }
    }

    void Forget(SessionSubscription one)
    {
        lock (access)
        {
            foreach (var key in one.Keys)
                if (watched.TryGetValue(key, out var all) && all.Remove(one) && all.Count == 0) watched.Remove(key);
        }
    }
}
