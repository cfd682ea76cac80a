using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Bff.Store;

/// <summary>A session as it was read: its record in the store, and what the seal held.</summary>
sealed record Held(BffSessionRecord Record, SessionState State)
{
    public string Id => Record.Id;
}

/// <summary>
/// Sessions, opened: reads, compare-and-set writes, and the ends. Whatever ends a session goes through <see cref="End"/>, which leaves the reason and takes the
/// tokens out. Thread-safe.
/// </summary>
sealed class SessionVault(IBffSessionStore store, Seal seal, CheckedBffOptions options, RevokedSessions revoked, SessionWatch watch, TimeProvider time, BffTelemetry told)
{
    const int HandleLength = 32;

    // How long the browser can still be told why its session has ended.
    static readonly TimeSpan EndsAreTold = TimeSpan.FromDays(1);

    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Begins a session under a new handle, which is nowhere kept.</summary>
    public async Task<(string Handle, Held Session)> Create(SessionState state, CancellationToken cancel)
    {
        var handle = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(HandleLength));
        var id = IdOf(handle)!;
        var record = Record(id, 1, state);
        if (!await store.TryAddAsync(record, cancel)) throw new InvalidOperationException("Two sessions have one id.");
        told.Started(id, state);
        return (handle, new(record, state));
    }

    /// <summary>The id of a handle; null for what can be none.</summary>
    public static string? IdOf(string? handle) =>
        handle is { Length: 43 } && Base64Url.IsValid(handle) ? Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(handle))) : null;

    public async Task<Held?> Find(string id, CancellationToken cancel) => await store.FindAsync(id, cancel) is { } record ? Opened(record) : null;

    /// <summary>Why a session is over, whether or not anybody has written it down yet; null while it lives.</summary>
    public EndReason? EndOf(SessionState state)
    {
        if (state.Reason is { } reason) return reason;
        if (revoked.Contains(state.ProviderSession)) return EndReason.Revoked;
        var now = Now;
        return now >= state.EndsAt ? EndReason.Expired : now >= IdleAt(state) ? EndReason.Idle : null;
    }

    /// <summary>When a session ends if nothing is called any more.</summary>
    public long EndsAt(SessionState state) => Math.Min(state.EndsAt, IdleAt(state));

    /// <summary>Compare and set; the session as it now is, or null if somebody else has written since it was read.</summary>
    public async Task<Held?> TryWrite(Held read, SessionState state, CancellationToken cancel)
    {
        var record = Record(read.Id, read.Record.Version + 1, state);
        return await store.TryReplaceAsync(record, cancel) ? new(record, state) : null;
    }

    /// <summary>Notes that a session is in use, at most once in a twentieth of its idle time or a minute; whoever loses a race for it has lost nothing.</summary>
    public async Task Touch(Held held, CancellationToken cancel)
    {
        if (Now - held.State.SeenAt >= Math.Min(options.Given.IdleAfter.TotalMilliseconds / 20, 60_000)) await TryWrite(held, held.State with { SeenAt = Now }, cancel);
    }

    /// <summary>Ends a session, once; what it was, or null if it had ended before, or is not what the caller has meant.</summary>
    /// <param name="id">The session.</param>
    /// <param name="reason">Why.</param>
    /// <param name="detail">More of why, for the log; no secret.</param>
    /// <param name="only">Asked before every try, since others may write in between; null is always.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Held?> End(string id, EndReason reason, string detail, Func<SessionState, bool>? only, CancellationToken cancel)
    {
        while (await Find(id, cancel) is { State.Reason: null } held && only?.Invoke(held.State) != false)
        {
            if (await TryWrite(held, held.State.Ended(reason), cancel) is null) continue;
            told.Ended(id, held.State.Subject, reason, detail);
            watch.End(id);
            return held;
        }
        return null;
    }

    public async Task<IReadOnlyList<Held>> OfUser(string subject, CancellationToken cancel) =>
        Live(await store.FindByUserAsync(seal.IndexKey("user", subject), cancel));

    public async Task<IReadOnlyList<Held>> OfProviderSession(string session, CancellationToken cancel) =>
        Live(await store.FindByProviderSessionAsync(seal.IndexKey("session", session), cancel));

    /// <summary>Marks a value as used; false if it was before. For the ids of logout tokens, which the store remembers like sessions.</summary>
    public async Task<bool> TrySpend(string value, DateTimeOffset until, CancellationToken cancel) =>
        await store.TryAddAsync(new("used:" + seal.IndexKey("used", value), 1, null, null, "", until.ToUnixTimeMilliseconds()), cancel);

    public ValueTask RemoveForgotten(CancellationToken cancel) => store.RemoveForgottenAsync(Now, cancel);

    IReadOnlyList<Held> Live(IReadOnlyList<BffSessionRecord> records) => [.. records.Select(Opened).OfType<Held>().Where(held => EndOf(held.State) is null)];

    Held? Opened(BffSessionRecord record)
    {
        if (seal.Open(record.Id, record.Payload) is { } bytes && SessionState.Of(bytes) is { } state) return new(record, state);
        // Another master key, or a text that somebody has changed. It is no session of ours, and it is left where it is.
        told.NotOpened(record.Id);
        return null;
    }

    BffSessionRecord Record(string id, long version, SessionState state)
    {
        var forget = (state.Reason is null ? EndsAt(state) : Now) + (long)EndsAreTold.TotalMilliseconds;
        return new(id, version, state.Reason is null ? seal.IndexKey("user", state.Subject) : null,
            state.ProviderSession is { } session ? seal.IndexKey("session", session) : null, seal.Close(id, state.ToBytes()), forget);
    }

    long IdleAt(SessionState state) => state.SeenAt + (long)options.Given.IdleAfter.TotalMilliseconds;
}
