using Poolhouse.Tokens;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard;

/// <summary>What a guard knows of revocations, and how old that is: the set, kept by the feed, and what is on disk of it.</summary>
sealed class RevocationKnowledge : IAsyncDisposable
{
    static readonly TimeSpan Housekeeping = TimeSpan.FromSeconds(15);

    readonly CheckedOptions options;
    readonly TimeProvider time;
    readonly GuardState disk;
    readonly GuardLog log;
    readonly SessionWatch watch;
    readonly RevokedSet set = new();
    readonly FeedFollower follower;
    readonly CancellationTokenSource stop = new();
    // The set has one writer at a time: the feed, or the housekeeping.
    readonly Lock writing = new();
    Task housekeeping = Task.CompletedTask;
    long? keptProofAt;

    public RevocationKnowledge(CheckedOptions options, Func<CancellationToken, Task<PoolEndpoints>> endpoints, HttpClient http, TimeProvider time, GuardState disk, SessionWatch watch, GuardLog log)
    {
        (this.options, this.time, this.disk, this.watch, this.log) = (options, time, disk, watch, log);
        var credentials = options.Credentials is var (id, secret) ? new FeedCredentials(endpoints, id, secret) : null;
        follower = new(options.Feed, credentials, http, new() { Revoked = Revoked, Failed = fault => log.FeedLost(fault, set.Count), Joined = log.FeedJoined }, time, options.Given.Pace);
    }

    public int Entries => set.Count;

    /// <summary>The server's time in unix milliseconds, as far as it is known; else our own.</summary>
    public long Now => follower.ServerTime ?? time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>How old the last proof is, from this process or from the one before it.</summary>
    public TimeSpan? Lag => follower.Lag ?? (keptProofAt is { } at ? time.GetElapsedTime(at) : null);

    public RevocationState StateWithin(TimeSpan bound, TimeSpan? lag) =>
        lag is not { } age || age > bound ? RevocationState.Blind : age <= options.Given.FreshFor ? RevocationState.Fresh : RevocationState.Stale;

    public bool IsRevoked(VerifiedToken token) => (token.Session is { } session && set.Contains(session)) || set.ContainsMark(token.ClientId);

    /// <summary>Takes what is on disk and begins to follow the feed.</summary>
    public async Task Start()
    {
        var kept = await disk.ReadRevocations(Revoked);
        if (kept is var (position, provenAt))
        {
            // The wall clock is asked once: whoever sets it later does not make old knowledge young. A proof of tomorrow proves nothing.
            // And it is asked last: if the machine stalls in between, that makes the proof older.
            var now = time.GetTimestamp();
            var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(provenAt);
            if (age >= TimeSpan.Zero) keptProofAt = now - (long)(age.TotalSeconds * time.TimestampFrequency);
            log.StateRead(set.Count, age);
            follower.Start(position);
        }
        else follower.Start();
        housekeeping = options.Given.Pace.Begin(Housekeep);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await follower.DisposeAsync();
        await housekeeping;
        Keep();
        stop.Dispose();
    }

    void Revoked(RevocationKind kind, Guid session, string? value, long keepUntil)
    {
        lock (writing) set.Add(kind, session, value, keepUntil);
        watch.Ended(kind, session, value);
    }

    async Task Housekeep()
    {
        var pause = Housekeeping;
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, stop.Token);
                // By the server's clock alone: ours may be set wrong, and what is forgotten does not come again.
                if (follower.ServerTime is { } now)
                    lock (writing) set.Sweep(now / 1000);
                var began = time.GetTimestamp();
                Keep();
                // A set of ten million is 200 MB: writing it must stay a small part of what the disk does.
                pause = Housekeeping + time.GetElapsedTime(began) * 20;
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    void Keep()
    {
        // First the time, then how long ago the proof was: whatever happens in between makes it older, and never younger than it is.
        var now = time.GetUtcNow();
        if (!disk.IsKept || follower.Position is not { } position || follower.Lag is not { } lag) return;
        // The position is read before the entries: what comes in between is told twice after a start, and never not at all.
        List<Revocation> entries;
        lock (writing) entries = [.. set.All()];
        disk.KeepRevocations(position, (now - lag).ToUnixTimeMilliseconds(), entries);
    }
}
