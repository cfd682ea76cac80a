using System.Threading.Channels;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>How long the audit trail remembers.</summary>
/// <param name="Days">How many days events are kept.</param>
/// <param name="RefreshDays">How many days refreshes that went well are kept, of which there are many; 0 records none.</param>
public sealed record AuditOptions(int Days = 90, int RefreshDays = 7);

/// <summary>
/// Writes those events of the audit trail that no reply waits for: many in one transaction, twice a second. A crash loses the last half
/// second of them; what begins or ends a session, and what administrators do, is not among them.
/// </summary>
public sealed partial class AuditBuffer : BackgroundService
{
    const int Most = 16_384;
    const int Together = 256;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    readonly Channel<NotedEvent> events;
    readonly Database database;
    readonly AuditOptions options;
    readonly ILogger<AuditBuffer> log;
    long dropped;
    bool failing;

    public AuditBuffer(Database database, AuditOptions options, ILogger<AuditBuffer> log)
    {
        (this.database, this.options, this.log) = (database, options, log);
        // A flood that the database cannot keep up with costs lines of the trail, not memory and not replies.
        events = Channel.CreateBounded<NotedEvent>(new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite }, _ => Interlocked.Increment(ref dropped));
    }

    /// <summary>Records an event soon.</summary>
    public void Add(AuditEvent happened)
    {
        if (options.RefreshDays == 0 && happened.Kind is AuditKind.Refreshed or AuditKind.RefreshRepeated) return;
        events.Writer.TryWrite(new(happened, database.Now, Cause.Current));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        events.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        // What is left is written by whoever stops: the database is closed after this.
        await Write(Taken(Most));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var kept = new List<NotedEvent>();
            while (kept.Count > 0 || await events.Reader.WaitToReadAsync(stoppingToken))
            {
                if (kept.Count == 0) kept = Taken(Together);
                if (await Write(kept)) kept = [];
                if (kept.Count > 0 || events.Reader.Count < Together) await Task.Delay(Pause, stoppingToken);
                if (Interlocked.Exchange(ref dropped, 0) is > 0 and var lost) Lost(lost);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    List<NotedEvent> Taken(int most)
    {
        var taken = new List<NotedEvent>();
        while (taken.Count < most && events.Reader.TryRead(out var one)) taken.Add(one);
        return taken;
    }

    async Task<bool> Write(List<NotedEvent> noted)
    {
        if (noted.Count == 0) return true;
        try
        {
            await database.Write(tx => AuditTrail.AppendAll(tx, noted));
            failing = false;
            return true;
        }
        catch (Exception fault) when (fault is StorageException or InvalidOperationException)
        {
            if (!failing) Unwritable(fault);
            failing = true;
            return false;
        }
    }

    [LoggerMessage(1011, LogLevel.Error, "The audit trail cannot be written; up to 16,384 events are kept until it can")]
    partial void Unwritable(Exception fault);

    [LoggerMessage(1012, LogLevel.Warning, "{Count} events of the audit trail were lost: more came than the database could take")]
    partial void Lost(long count);
}
