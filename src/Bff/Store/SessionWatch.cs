namespace Poolhouse.Bff.Store;

/// <summary>
/// Calls of this node that are under way, by session, so that they end with it: WebSockets and event streams outlive the check at their beginning. Thread-safe.
/// </summary>
sealed class SessionWatch
{
    readonly Dictionary<string, Watched> watched = new(StringComparer.Ordinal);
    readonly Lock access = new();

    sealed class Watched(string? providerSession)
    {
        public string? ProviderSession { get; } = providerSession;

        public HashSet<SessionCall> Calls { get; } = [];
    }

    /// <summary>A call of a session, until it is disposed.</summary>
    /// <param name="id">The session.</param>
    /// <param name="providerSession">The session at the provider.</param>
    /// <param name="aborted">Cancelled when the caller hangs up.</param>
    public SessionCall Begin(string id, string? providerSession, CancellationToken aborted)
    {
        var call = new SessionCall(this, id, aborted);
        lock (access)
        {
            if (!watched.TryGetValue(id, out var all)) watched[id] = all = new(providerSession);
            all.Calls.Add(call);
        }
        return call;
    }

    /// <summary>The sessions that have calls under way here.</summary>
    public string[] Ids()
    {
        lock (access) return [.. watched.Keys];
    }

    public void End(string id)
    {
        SessionCall[] calls;
        lock (access) calls = watched.TryGetValue(id, out var all) ? [.. all.Calls] : [];
        Cancel(calls);
    }

    /// <summary>Ends the calls of a session at the provider, or of all with null.</summary>
    public void EndAtProvider(string? providerSession)
    {
        SessionCall[] calls;
        lock (access) calls = [.. watched.Values.Where(one => providerSession is null || one.ProviderSession == providerSession).SelectMany(one => one.Calls)];
        Cancel(calls);
    }

    public void Forget(SessionCall call)
    {
        lock (access)
            if (watched.TryGetValue(call.Session, out var all) && all.Calls.Remove(call) && all.Calls.Count == 0) watched.Remove(call.Session);
    }

    // Never on the thread that reads the feed: what a cancelled call does must not hold up the next revocation.
    static void Cancel(SessionCall[] calls)
    {
        foreach (var call in calls) ThreadPool.UnsafeQueueUserWorkItem(one => one.End(), call, preferLocal: false);
    }
}

/// <summary>One call under way, and the token that is cancelled when its session ends or its caller hangs up.</summary>
sealed class SessionCall(SessionWatch watch, string session, CancellationToken aborted) : IDisposable
{
    readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);

    public string Session { get; } = session;

    public CancellationToken Ended => ended.Token;

    public void End()
    {
        try
        {
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended by itself in the same moment.
        }
    }

    public void Dispose()
    {
        watch.Forget(this);
        ended.Dispose();
    }
}
