using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Tokens;

namespace Poolhouse.Guard;

/// <summary>
/// Checks tokens of one pool on every call: genuine, in time, of the expected kind, for the expected app client, and not revoked. A token
/// that was seen before costs a hash and two look-ups, and no check of a fresh guard makes a network call. Thread-safe; one for each pool,
/// for the life of the process.
/// </summary>
/// <example>
/// <code>
/// await using var guard = new CognitoGuard(new() { Issuer = "https://id.example.com/us-east-1_Abc123xyz", ClientIds = ["web"] });
/// var result = await guard.CheckAsync(token, new() { Scopes = ["orders/read"] });
/// if (!result.Accepted) return result.StatusCode;
/// </code>
/// </example>
public sealed class CognitoGuard : IAsyncDisposable
{
    // Of an answer that is read as a whole: keys, discovery, introspection. Snapshots and streams are read as they come.
    const int MostBytes = 256 * 1024;

    readonly CheckedOptions options;
    readonly TimeProvider time;
    readonly HttpClient http;
    readonly GuardLog log;
    readonly GuardMetrics metrics;
    readonly GuardState disk;
    readonly IssuerKeys keys;
    readonly TokenVerifier verifier;
    readonly VerifiedTokens remembered;
    readonly MachineToken? entitlement;
    readonly Introspection introspection;
    readonly SessionWatch watch;
    readonly RevocationKnowledge? revocations;
    readonly CancellationTokenSource stop = new();
    readonly Lazy<Task> started;
    Task keeping = Task.CompletedTask;
    PoolEndpoints? endpoints;
    bool disposed;
    RevocationState lastState = RevocationState.Fresh;

    /// <summary>Makes a guard. It begins to fetch what it needs with <see cref="StartAsync"/> or with the first check.</summary>
    /// <param name="options">What is checked; read now, later changes are not seen.</param>
    /// <param name="loggers">Where it logs; null logs nothing.</param>
    /// <param name="time">The clock; null is the system's.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its bounds; the message names it.</exception>
    public CognitoGuard(CognitoGuardOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options.Check();
        this.time = time ?? TimeProvider.System;
        http = new(options.Backchannel ?? Handler(), disposeHandler: options.Backchannel is null) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostBytes };
        log = new((loggers ?? NullLoggerFactory.Instance).CreateLogger("Poolhouse.Guard"));
        disk = new(options.StateDirectory, log);
        remembered = new(options.RememberedTokens);
        keys = new(this.options.Keys, http, options.KeysRefreshedEvery, this.time, log) { Changed = KeysChanged };
        verifier = new(this.options, keys);
        if (this.options is { Revocations: RevocationSource.Feed, Credentials: var (id, secret) })
            entitlement = new(EndpointsAsync, id, secret, "poolhouse/introspect", http, this.time);
        introspection = new(EndpointsAsync, this.options.Credentials, entitlement, http, this.time, log);
        watch = new(log);
        if (this.options.Revocations == RevocationSource.Feed) revocations = new(this.options, EndpointsAsync, http, this.time, disk, watch, log);
        metrics = new(this.options.Issuer, () => revocations?.Lag, () => revocations?.Entries ?? 0, () => Status.Revocations);
        started = new(Begin);
    }

    /// <summary>How the guard stands, for health checks. Reading it costs nothing.</summary>
    public GuardStatus Status
    {
        get
        {
            var lag = revocations?.Lag;
            var state = revocations?.StateWithin(options.Given.StaleFor, lag) ?? RevocationState.Unchecked;
            return new(keys.Any, state, lag, revocations?.Entries ?? 0);
        }
    }

    /// <summary>
    /// The time by which tokens are in time or not, in unix milliseconds: the server's, carried on by our monotonic clock, as soon as the feed has told
    /// it; so a clock of this machine that is set wrong lets no expired token in.
    /// </summary>
    public long Now => revocations?.Now ?? time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Begins: fetches the keys, joins the revocation feed, and waits for both, <see cref="CognitoGuardOptions.StartupPatience"/> at most.
    /// Never fails because the issuer is away: until it is back, checks answer with what is on disk, or with 503.
    /// </summary>
    public async Task StartAsync(CancellationToken cancel = default) => await started.Value.WaitAsync(cancel);

    /// <summary>
    /// Checks a token. Completes synchronously for a token that was seen before, unless the guard is stale and the call critical, or blind.
    /// </summary>
    /// <param name="token">The compact JWT, as it stands after <c>Bearer </c>; null is refused as missing.</param>
    /// <param name="demand">What the call needs beyond a good token; null needs nothing.</param>
    /// <param name="cancel">Gives up waiting for the network, where there is something to wait for.</param>
    public ValueTask<GuardResult> CheckAsync(string? token, GuardDemand? demand = null, CancellationToken cancel = default)
    {
        demand ??= GuardDemand.Nothing;
        if (string.IsNullOrEmpty(token)) return new(Told(new(GuardRefusal.TokenMissing, null, Status.Revocations, null)));
        if (!VerifiedTokens.TryHash(token, out var hash)) return new(Told(new(GuardRefusal.Malformed, null, Status.Revocations, null)));
        if (remembered.Find(hash) is not { } known) return CheckUnseen(token, hash, demand, cancel);
        return Decide(known, demand, out var result) ? new(Told(result)) : new(DecideByAsking(token, known, demand, result, cancel));
    }

    /// <summary>
    /// Follows the end of the session that an accepted token belongs to. Needs the feed: without one, nothing is ever heard.
    /// </summary>
    public SessionSubscription Watch(VerifiedToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return watch.Of(token, () => revocations?.IsRevoked(token) == true);
    }

    /// <summary>Stops following the feed and keeps its state, where it has a directory for it. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        // A container that hands it out under two names disposes of it twice.
        if (Interlocked.Exchange(ref disposed, true)) return;
        await stop.CancelAsync();
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (revocations is not null) await revocations.DisposeAsync();
        metrics.Dispose();
        entitlement?.Dispose();
        http.Dispose();
        stop.Dispose();
    }

    internal int Watching => watch.Count;

    async ValueTask<GuardResult> CheckUnseen(string token, TokenHash hash, GuardDemand demand, CancellationToken cancel)
    {
        await started.Value.WaitAsync(cancel);
        metrics.Verified();
        var memory = remembered.Now;
        var (refusal, verified) = await verifier.Verify(token, cancel);
        if (verified is null) return Told(new(refusal, null, Status.Revocations, null));
        var decided = Decide(verified, demand, out var result);
        // One that has expired would only take the place of another.
        if (result.Refusal is not (GuardRefusal.Expired or GuardRefusal.NotYetValid)) memory.Add(hash, verified);
        return decided ? Told(result) : await DecideByAsking(token, verified, demand, result, cancel);
    }

    /// <summary>All that can be said without asking anybody: time, revocation, then what the call needs. False if the issuer has to be asked.</summary>
    bool Decide(VerifiedToken token, GuardDemand demand, out GuardResult result)
    {
        var now = Now;
        var leeway = (long)options.Given.Leeway.TotalMilliseconds;
        result = new(GuardRefusal.None, token, RevocationState.Unchecked, null);
        if (token.ExpiresAtMs + leeway <= now) return Refuse(GuardRefusal.Expired, ref result);
        if (token.NotBeforeMs - leeway > now) return Refuse(GuardRefusal.NotYetValid, ref result);
        if (revocations is not null)
        {
            var lag = revocations.Lag;
            result = result with { State = revocations.StateWithin(Bound(demand), lag), Lag = lag };
            NoteState(lag);
            // What is known to be revoked is refused however old the knowledge: nothing ever comes back to life.
            if (revocations.IsRevoked(token) || token.IsDead) return Refuse(GuardRefusal.Revoked, ref result);
            if (result.State == RevocationState.Blind || (demand.Critical && result.State == RevocationState.Stale)) return false;
        }
        else if (token.IsDead) return Refuse(GuardRefusal.Revoked, ref result);
        else if (options.Revocations == RevocationSource.Introspection && !IsKnownActive(token, demand, ref result)) return false;
        return Needs(token, demand, ref result);
    }

    // The set of the feed has no answer, or not one that is good enough for this call: the issuer has.
    async Task<GuardResult> DecideByAsking(string text, VerifiedToken token, GuardDemand demand, GuardResult result, CancellationToken cancel)
    {
        var asked = time.GetTimestamp();
        var answer = await introspection.Ask(text, cancel);
        metrics.Introspected(answer);
        if (answer == Activity.Inactive)
        {
            token.IsDead = true;
            Refuse(GuardRefusal.Revoked, ref result);
        }
        else if (answer == Activity.Active)
        {
            token.ActiveAt = asked;
            result = result with { State = RevocationState.Fresh, Lag = TimeSpan.Zero };
            Needs(token, demand, ref result);
        }
        else if (result.State == RevocationState.Stale) Needs(token, demand, ref result);
        else if (demand.PassWhenBlind is { } why)
        {
            log.PassedBlind(token.SessionId, why);
            Needs(token, demand, ref result);
        }
        else Refuse(GuardRefusal.RevocationUnknown, ref result);
        return Told(result);
    }

    // With introspection as the source each token has a proof of its own, which ages as that of the feed does.
    bool IsKnownActive(VerifiedToken token, GuardDemand demand, ref GuardResult result)
    {
        if (token.ActiveAt == 0)
        {
            result = result with { State = RevocationState.Blind };
            return false;
        }
        var lag = time.GetElapsedTime(token.ActiveAt);
        var fresh = lag <= options.Given.IntrospectionKept && !demand.Critical;
        result = result with { Lag = lag, State = fresh ? RevocationState.Fresh : lag <= Bound(demand) ? RevocationState.Stale : RevocationState.Blind };
        return fresh;
    }

    static bool Needs(VerifiedToken token, GuardDemand demand, ref GuardResult result)
    {
        foreach (var scope in demand.Scopes)
            if (!token.Scopes.Contains(scope)) return Refuse(GuardRefusal.ScopeMissing, ref result);
        if (demand.Groups.Count > 0 && !demand.Groups.Any(token.Groups.Contains)) return Refuse(GuardRefusal.GroupMissing, ref result);
        return true;
    }

    TimeSpan Bound(GuardDemand demand) => demand.StaleFor ?? (demand.Critical ? options.Given.CriticalStaleFor : options.Given.StaleFor);

    static bool Refuse(GuardRefusal reason, ref GuardResult result)
    {
        result = result with { Refusal = reason };
        return true;
    }

    GuardResult Told(GuardResult result)
    {
        metrics.Checked(result.Refusal);
        if (result.Refusal != GuardRefusal.None) log.Refused(result.Refusal, result.Token);
        return result;
    }

    // By the guard's own bound: calls with bounds of their own would log by turns.
    void NoteState(TimeSpan? lag)
    {
        var state = revocations!.StateWithin(options.Given.StaleFor, lag);
        if (lastState != state && Interlocked.Exchange(ref lastState, state) != state) log.StateChanged(state, lag);
    }

    async Task Begin()
    {
        if (disk.ReadKeys() is { } kept) keys.Restore(kept);
        keeping = options.Given.Pace.Begin(() => keys.Keep(stop.Token));
        if (revocations is not null) await revocations.Start();
        var began = time.GetTimestamp();
        while ((!keys.Any || Status.Revocations is RevocationState.Stale or RevocationState.Blind) && time.GetElapsedTime(began) < options.Given.StartupPatience)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, stop.Token);
    }

    void KeysChanged(byte[] json, bool gone)
    {
        // What a withdrawn key has signed is no longer genuine, whoever verified it before.
        if (gone) remembered.Clear();
        disk.KeepKeys(json);
    }

    async Task<PoolEndpoints> EndpointsAsync(CancellationToken cancel) => endpoints ??= await PoolEndpoints.Discover(options.PoolUrl, http, cancel);

    static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}

/// <summary>How a guard stands.</summary>
/// <param name="HasKeys">Whether it has keys of the issuer.</param>
/// <param name="Revocations">How well it knows what has been revoked.</param>
/// <param name="Lag">How old that knowledge is; null if there is none.</param>
/// <param name="Entries">Revoked sessions, clients and pools that it holds.</param>
public readonly record struct GuardStatus(bool HasKeys, RevocationState Revocations, TimeSpan? Lag, int Entries);
