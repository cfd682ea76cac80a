namespace Poolhouse.Bff.Store;

/// <summary>Sessions in the memory of one node: for development, and where a restart may sign everybody out.</summary>
sealed class MemorySessionStore : IBffSessionStore
{
    readonly Dictionary<string, BffSessionRecord> records = new(StringComparer.Ordinal);
    readonly Dictionary<string, HashSet<string>> index = new(StringComparer.Ordinal);
    readonly Lock access = new();

    public ValueTask<bool> TryAddAsync(BffSessionRecord record, CancellationToken cancel)
    {
        lock (access)
        {
            if (!records.TryAdd(record.Id, record)) return new(false);
            Index(record);
            return new(true);
        }
    }

    public ValueTask<BffSessionRecord?> FindAsync(string id, CancellationToken cancel)
    {
        lock (access) return new(records.GetValueOrDefault(id));
    }

    public ValueTask<bool> TryReplaceAsync(BffSessionRecord record, CancellationToken cancel)
    {
        lock (access)
        {
            if (!records.TryGetValue(record.Id, out var before) || before.Version != record.Version - 1) return new(false);
            Forget(before);
            records[record.Id] = record;
            Index(record);
            return new(true);
        }
    }

    public ValueTask<IReadOnlyList<BffSessionRecord>> FindByUserAsync(string userKey, CancellationToken cancel) => new(Of("u" + userKey));

    public ValueTask<IReadOnlyList<BffSessionRecord>> FindByProviderSessionAsync(string providerSessionKey, CancellationToken cancel) => new(Of("p" + providerSessionKey));

    public ValueTask RemoveForgottenAsync(long now, CancellationToken cancel)
    {
        lock (access)
        {
            foreach (var record in records.Values.Where(record => record.ForgetAt < now).ToList())
            {
                records.Remove(record.Id);
                Forget(record);
            }
        }
        return default;
    }

    List<BffSessionRecord> Of(string key)
    {
        lock (access) return index.TryGetValue(key, out var ids) ? [.. ids.Select(id => records[id])] : [];
    }

    void Index(BffSessionRecord record)
    {
        foreach (var key in Keys(record))
        {
            if (!index.TryGetValue(key, out var ids)) index[key] = ids = new(StringComparer.Ordinal);
            ids.Add(record.Id);
        }
    }

    void Forget(BffSessionRecord record)
    {
        foreach (var key in Keys(record))
            if (index.TryGetValue(key, out var ids) && ids.Remove(record.Id) && ids.Count == 0) index.Remove(key);
    }

    static IEnumerable<string> Keys(BffSessionRecord record)
    {
        if (record.UserKey is { } user) yield return "u" + user;
        if (record.ProviderSessionKey is { } session) yield return "p" + session;
    }
}
