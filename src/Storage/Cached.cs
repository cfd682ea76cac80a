using System.Collections.Concurrent;

namespace Poolhouse.Storage;

/// <summary>
/// Rows of one kind kept in memory by id and dropped by change records. 'Not found' is never kept, nothing is served
/// that may be older than <see cref="Changes.Bound"/>, and the node that changes a row sees it at once.
/// </summary>
public sealed class Cached<T>
    where T : class
{
    readonly ConcurrentDictionary<string, T> rows = new(StringComparer.Ordinal);
    readonly Lock storing = new();
    readonly Changes changes;
    readonly int most;
    long stamp;

    public Cached(Changes changes, string kind, int most = 10_000)
    {
        this.changes = changes;
        this.most = most;
        changes.Watch(kind, Drop);
    }

    /// <summary>The row as kept, else as <paramref name="load"/> reads it (outside any transaction); null if it does not exist.</summary>
    public ValueTask<T?> Get(string id, Func<string, CancellationToken, Task<T?>> load, CancellationToken cancel) =>
        rows.TryGetValue(id, out var row) && changes.Fresh ? new(row) : new(Load(id, load, cancel));

    async Task<T?> Load(string id, Func<string, CancellationToken, Task<T?>> load, CancellationToken cancel)
    {
        // A value that was read before a change must not be kept after it: keep it only if nothing was dropped meanwhile.
        var before = Volatile.Read(ref stamp);
        var row = await load(id, cancel);
        if (row is null) return null;
        lock (storing)
        {
            if (stamp != before) return row;
            if (rows.Count >= most) rows.Clear();
            rows[id] = row;
        }
        return row;
    }

    void Drop(string? id)
    {
        lock (storing)
        {
            stamp++;
            if (id is null) rows.Clear();
            else rows.TryRemove(id, out _);
        }
    }
}
