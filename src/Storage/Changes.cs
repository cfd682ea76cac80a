using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Storage;

/// <summary>What changed: a kind of row, and which.</summary>
public readonly record struct Change(string Kind, string Id);

/// <summary>
/// Tells every node what to forget. A writer appends change records to its own transaction; each node hears of its own
/// at the commit and of the others' by NOTIFY, where there is one, and by polling. The table is the truth: a message that is
/// lost only costs time.
/// </summary>
public sealed class Changes : IAsyncDisposable
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    const int MostAtOnce = 500;
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    readonly ConcurrentDictionary<string, Action<string?>> watchers = new(StringComparer.Ordinal);
    readonly CancellationTokenSource stop = new();
    readonly SemaphoreSlim polling = new(1);
    readonly Database database;
    readonly TimeProvider time;
    readonly ILogger log;
    Task loop = Task.CompletedTask;
    long last = -1;
    long heard = long.MinValue;
    volatile bool failing;

    internal Changes(Database database, TimeProvider time, ILogger log)
    {
        this.database = database;
        this.time = time;
        this.log = log;
    }

    /// <summary>Older records than any node could still wait for.</summary>
    internal const string PurgeSql =
        "delete from changes where seq in (select seq from changes where at < @now - 3600000 order by seq limit @limit)";

    /// <summary>Whether all that was committed up to a second ago is known here. When it is not, nothing kept may be served.</summary>
    public bool Fresh => Volatile.Read(ref heard) is var at && at != long.MinValue && time.GetElapsedTime(at) <= Bound;

    /// <summary>Whether the last look at the database failed.</summary>
    public bool Unreadable => failing;

    /// <summary>Calls <paramref name="dropped"/> with the id of every changed row of a kind; null means any of them may have changed.</summary>
    public void Watch(string kind, Action<string?> dropped) =>
        watchers.AddOrUpdate(kind, dropped, (_, others) => others + dropped);

    /// <summary>Records that a row changed, as part of the transaction that changes it; written when the work is done.</summary>
    public static void Append(Tx tx, string kind, string id) => tx.Append(new Change(kind, id));

    internal static async Task Write(Tx tx, IReadOnlyList<Change> changes)
    {
        var head = await tx.One("update change_head set seq = seq + @n where one = 1 returning seq", r => r.GetInt64(0),
            ("n", (long)changes.Count));
        for (var i = 0; i < changes.Count; i++)
            await tx.Execute("insert into changes (seq, kind, id, at) values (@seq, @kind, @id, @at)",
                ("seq", head - changes.Count + 1 + i), ("kind", changes[i].Kind), ("id", changes[i].Id), ("at", tx.Now));
    }

    internal void Announce(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes)
        {
            try
            {
                if (watchers.TryGetValue(change.Kind, out var dropped)) dropped(change.Id);
            }
            catch (Exception e)
            {
                // It runs on the writing thread: somebody's mistake must not stop everyone's writes.
                log.LogError(e, "A watcher of {Kind} failed", change.Kind);
            }
        }
    }

    /// <summary>Learns where the sequence stands and, unless the caller is a short command, keeps listening.</summary>
    internal async Task Start(bool running)
    {
        await Poll(CancellationToken.None);
        if (running) loop = Task.Run(Listen);
    }

    /// <summary>Reads what came since the last time. Never throws: what fails shows as not fresh.</summary>
    internal async Task Poll(CancellationToken cancel)
    {
        await polling.WaitAsync(cancel);
        try
        {
            var began = time.GetTimestamp();   // commits after this moment may be missing from what is read
            var rows = await database.Many(
                """
                select h.seq, c.seq, c.kind, c.id from change_head h
                left join changes c on c.seq > @last
                where h.one = 1 order by c.seq limit @limit
                """,
                r => (Head: r.GetInt64(0), Seq: r.IsDBNull(1) ? 0 : r.GetInt64(1), Change: r.IsDBNull(1) ? default : new Change(r.GetString(2), r.GetString(3))),
                cancel, ("last", last), ("limit", MostAtOnce + 1L));
            var head = rows[0].Head;
            var whole = rows.Count <= MostAtOnce && (head == last ? rows[0].Seq == 0 : rows[0].Seq == last + 1 && rows[^1].Seq == head);
            if (whole) foreach (var row in rows) Announce(row.Seq == 0 ? [] : [row.Change]);
            else DropAll();
            last = head;
            Volatile.Write(ref heard, began);
            failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!failing) log.LogWarning(e, "Change records cannot be read; rows are read from the database each time until they can");
            failing = true;
        }
        finally
        {
            polling.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
        polling.Dispose();
    }

    /// <summary>After a gap (a long pause, a restored database) it is not known what changed.</summary>
    void DropAll()
    {
        foreach (var dropped in watchers.Values) dropped(null);
    }

    async Task Listen()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token)) await Poll(stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
