using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Storage;

/// <summary>Deletes expired rows in small batches, so that no purge ever holds up a write that somebody waits for.</summary>
public sealed class Purger : IAsyncDisposable
{
    public const int Batch = 500;

    // 10,000 rows per statement and turn: more than a busy server leaves behind in a minute would be unfair to writers.
    const int MostBatches = 20;

    readonly ConcurrentDictionary<string, string> statements = new(StringComparer.Ordinal);
    readonly CancellationTokenSource stop = new();
    readonly Database database;
    readonly TimeSpan interval;
    readonly TimeProvider time;
    readonly ILogger log;
    Task loop = Task.CompletedTask;

    internal Purger(Database database, TimeSpan interval, TimeProvider time, ILogger log)
    {
        this.database = database;
        this.interval = interval;
        this.time = time;
        this.log = log;
        Add("changes", Changes.PurgeSql);
    }

    /// <summary>
    /// Registers a delete that takes <c>@now</c> and deletes at most <c>@limit</c> rows:
    /// <c>delete from codes where hash in (select hash from codes where ends_at &lt; @now limit @limit)</c>.
    /// </summary>
    public void Add(string name, string sql) => statements[name] = sql;

    /// <summary>One turn over all statements; returns how many rows went. One that fails is told at the end, after the others had their turn.</summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        var total = 0;
        var faults = new List<Exception>();
        foreach (var (name, sql) in statements)
        {
            try
            {
                for (var i = 0; i < MostBatches && !cancel.IsCancellationRequested; i++)
                {
                    var gone = await database.Write(tx => tx.Execute(sql, ("now", tx.Now), ("limit", (long)Batch)));
                    total += gone;
                    if (gone < Batch) break;
                }
            }
            catch (Exception e)
            {
                faults.Add(new StorageException($"Expired rows of {name} could not be deleted.", e));
            }
        }
        return faults.Count == 0 ? total : throw new AggregateException(faults);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    internal void Start()
    {
        if (interval > TimeSpan.Zero) loop = Task.Run(Loop);
    }

    async Task Loop()
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                try
                {
                    await Run(stop.Token);
                }
                catch (AggregateException e)
                {
                    log.LogWarning(e, "Not all expired rows could be deleted; the next turn tries again");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
