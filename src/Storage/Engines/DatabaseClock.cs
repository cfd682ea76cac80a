using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Poolhouse.Core;

namespace Poolhouse.Storage.Engines;

/// <summary>
/// This node's clock corrected by the database's, so that all nodes agree when a grace or a code ends. A node whose own
/// clock is far off is not ready: its logs, certificates and caches would lie.
/// </summary>
sealed class DatabaseClock(PostgresHosts hosts, TimeProvider time, ILogger log) : IAsyncDisposable
{
    const long MostOff = 1000;
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource stop = new();
    Task loop = Task.CompletedTask;
    long offset;
    volatile bool unreachable;

    public long Now => time.UnixMs() + Volatile.Read(ref offset);

    public string? NotReady =>
        unreachable ? "The database does not answer."
        : Math.Abs(Volatile.Read(ref offset)) > MostOff ? $"The clock is {Volatile.Read(ref offset)} ms off the database's."
        : null;

    public async Task Start(CancellationToken cancel)
    {
        await Sample(cancel);
        loop = Task.Run(Follow, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    /// <summary>Of three readings the one with the shortest way there and back is the truest.</summary>
    async Task Sample(CancellationToken cancel)
    {
        var shortest = long.MaxValue;
        var best = 0L;
        await using var connection = await hosts.Primary.OpenConnectionAsync(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint";
        command.CommandTimeout = 2;
        for (var i = 0; i < 3; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var sent = time.UnixMs();
            var there = (long)(await command.ExecuteScalarAsync(cancel))!;
            var took = Stopwatch.GetTimestamp() - began;
            if (took >= shortest) continue;
            shortest = took;
            best = there - (sent + time.UnixMs()) / 2;
        }
        var before = Interlocked.Exchange(ref offset, best);
        if (Math.Abs(best) > MostOff && Math.Abs(before) <= MostOff) log.LogError("The clock of this node is {Offset} ms off the database's: it is not ready", -best);
    }

    // This is also how a node learns that its database is gone, and that it is back.
    async Task Follow()
    {
        using var timer = new PeriodicTimer(Interval, time);
        var sample = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                // One at a time: a server that stands still does not refuse, it lets wait.
                if (sample.IsCompleted) sample = Sample(stop.Token);
                try
                {
                    await sample.WaitAsync(Patience, stop.Token);
                    unreachable = false;
                }
                catch (Exception e) when (Dialect.Postgres.Classify(e) != Failure.Other)
                {
                    if (!unreachable) log.LogError(e, "The database does not answer");
                    unreachable = true;
                    hosts.Forget();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
