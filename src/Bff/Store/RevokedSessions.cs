namespace Poolhouse.Bff.Store;

/// <summary>What the revocation feed has told: sessions at the provider that are over, and whether the whole client or pool is. Thread-safe.</summary>
sealed class RevokedSessions
{
    readonly Dictionary<Guid, long> until = [];
    readonly Lock access = new();
    volatile bool everything;
    int sweepAt = 1024;

    /// <summary>Whether a session at the provider was revoked.</summary>
    public bool Contains(string? session)
    {
        if (everything) return true;
        if (!Guid.TryParseExact(session, "D", out var id)) return false;
        lock (access) return until.ContainsKey(id);
    }

    /// <summary>Adds one, and forgets those that no token can name any more when there are twice as many as after the last time.</summary>
    public void Add(Guid session, long keepUntil, long now)
    {
        lock (access)
        {
            until[session] = keepUntil;
            if (until.Count < sweepAt) return;
            foreach (var (id, last) in until)
                if (last < now) until.Remove(id);
            sweepAt = Math.Max(1024, until.Count * 2);
        }
    }

    /// <summary>The client or the pool is gone, and with it every session.</summary>
    public void AddEverything() => everything = true;
}
