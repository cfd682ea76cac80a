using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Storage;

/// <summary>Deletes expired rows in small batches, so that no purge ever holds up a write that somebody waits for.</summary>
public sealed class Purger : IAsyncDisposable
{
    public const int Batch = 500;

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

    /// <summary>
    /// One turn: a batch of each statement after the other, until nothing is left or half of the time until the next turn is over, so that what a
    /// busy hour leaves behind is gone the hour after, and no table has to wait for another. Returns how many rows went; a statement that fails is
    /// told at the end, after the others had their turn.
    /// </summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        var (total, began) = (0, time.GetTimestamp());
        var (left, faults) = (statements.ToList(), new List<Exception>());
        while (left.Count > 0 && !cancel.IsCancellationRequested && (interval <= TimeSpan.Zero || time.GetElapsedTime(began) < interval / 2))
        {
            foreach (var statement in left.ToList())
            {
                var gone = await Delete(statement, faults);
                total += gone;
                if (gone < Batch) left.Remove(statement);
            }
        }
        return faults.Count == 0 ? total : throw new AggregateException(faults);
    }

    async Task<int> Delete(KeyValuePair<string, string> statement, List<Exception> faults)
    {
        try
        {
            return await database.Write(tx => tx.Execute(statement.Value, ("now", tx.Now), ("limit", (long)Batch)));
        }
        catch (Exception e)
        {
            faults.Add(new StorageException($"Expired rows of {statement.Key} could not be deleted.", e));
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    internal void Start()
    {
        if (interval <= TimeSpan.Zero) return;
        // Made here and not in the loop: on a busy machine that begins later, and the first turn is due an interval after the start.
        var timer = new PeriodicTimer(interval, time);
        loop = Task.Run(() => Loop(timer));
    }

    async Task Loop(PeriodicTimer turns)
    {
        using var timer = turns;
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
