using System.Collections.Concurrent;
using System.Security.Cryptography;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Refreshing;

/// <summary>
/// Gives the access token of a session, and replaces it ahead of its end: one refresh at a time for a session, across all nodes
/// (docs/decisions/0013-one-refresh-per-session-across-nodes.md). Within a node callers share one flight; between nodes the claim in the session's row keeps all
/// but one waiting, and compare-and-set decides whose tokens stay. No lock is held anywhere that could lapse while its owner goes on. Thread-safe.
/// </summary>
sealed class TokenRefresh(SessionVault vault, ClaimedRefresh claimed, CheckedBffOptions options, TimeProvider time, BffTelemetry told) : IDisposable
{
    // When all sessions wake at once, a provider that is asked by all of them answers none in time, and what it has spent by then is out of its grace when it is
    // asked for again. So many at once keep a server busy and each answer quick; the others queue here, where nothing of theirs is spent.
    const int AskedAtOnce = 32;

    // A token must arrive at the API before it ends.
    static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(2);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(15);
    static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    readonly ConcurrentDictionary<string, Lazy<Task<TokenAnswer>>> flights = new(StringComparer.Ordinal);
    readonly SemaphoreSlim turns = new(AskedAtOnce);

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    /// <summary>The access token of a session that was read a moment ago.</summary>
    public async ValueTask<TokenAnswer> Token(Held held, CancellationToken cancel)
    {
        var tokens = held.State.Tokens!;
        if (vault.Now < tokens.RefreshAt) return TokenAnswer.Of(tokens);
        var good = vault.Now < tokens.ExpiresAt - Math.Min(OnTheWay.TotalMilliseconds, (tokens.ExpiresAt - tokens.RefreshAt) / 2.0);
        if (held.State.RefreshNotBefore > vault.Now) return good ? TokenAnswer.Of(tokens) : TokenAnswer.Away(TimeSpan.FromMilliseconds(held.State.RefreshNotBefore - vault.Now));
        if (good && tokens.Refresh is null) return TokenAnswer.Of(tokens);
        // Nobody's hanging up cancels a refresh: its outcome would be in doubt.
        var flight = Join(held.Id);
        if (good) return TokenAnswer.Of(tokens);
        try
        {
            return await flight.WaitAsync(options.Given.RefreshPatience, time, cancel);
        }
        catch (TimeoutException)
        {
            return TokenAnswer.Away(TimeSpan.FromSeconds(1));
        }
    }

    Task<TokenAnswer> Join(string id)
    {
        var mine = new Lazy<Task<TokenAnswer>>(() => Task.Run(() => Fly(id)));
        var flight = flights.GetOrAdd(id, mine);
        var task = flight.Value;
        if (ReferenceEquals(flight, mine)) _ = Leave(id, flight, task);
        return task;
    }

    async Task Leave(string id, Lazy<Task<TokenAnswer>> flight, Task<TokenAnswer> task)
    {
        try
        {
            await task;
        }
        catch (Exception fault)
        {
            // A caller that waits gets it too; one that goes on with the old token would never tell.
            told.StoreFailed(fault);
        }
        flights.TryRemove(KeyValuePair.Create(id, flight));
    }

    // Looks until there are tokens, an end, or the right to ask the provider; the last turns into one of the others.
    async Task<TokenAnswer> Fly(string id)
    {
        var began = time.GetTimestamp();
        var patience = options.Given.RefreshPatience + options.Given.TakeOverAfter;
        var pause = FirstPause;
        var other = default(Observed);
        while (time.GetElapsedTime(began) < patience)
        {
            var held = await vault.Find(id, default);
            if (held is null) return TokenAnswer.Over(null);
            if (vault.EndOf(held.State) is { } reason) return TokenAnswer.Over(reason);
            var tokens = held.State.Tokens!;
            if (vault.Now < tokens.RefreshAt) return TokenAnswer.Of(tokens);
            if (tokens.Refresh is null) return await RunOut(held);
            if (held.State.RefreshNotBefore > vault.Now) return TokenAnswer.Away(TimeSpan.FromMilliseconds(held.State.RefreshNotBefore - vault.Now));
            if (held.State.Claim is { } claim)
            {
                // Whether the owner lives is told by our own clock from what we saw of its beats: clocks of two nodes are never compared.
                if (other.Claim != claim) other = new(claim, time.GetTimestamp());
                if (time.GetElapsedTime(other.Since) < options.Given.TakeOverAfter)
                {
                    await Task.Delay(pause * (0.5 + RandomNumberGenerator.GetInt32(1000) / 1000.0), time);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    continue;
                }
                told.TakenOver(id, claim);
            }
            if (await InTurn(held, patience - time.GetElapsedTime(began)) is { } answer) return answer;
        }
        return TokenAnswer.Away(TimeSpan.FromSeconds(1));
    }

    // Null where the row has changed meanwhile, or the turn did not come: the caller looks again.
    async Task<TokenAnswer?> InTurn(Held held, TimeSpan patience)
    {
        if (patience <= TimeSpan.Zero || !await turns.WaitAsync(patience)) return null;
        try
        {
            return await claimed.Try(held);
        }
        finally
        {
            turns.Release();
        }
    }

    async Task<TokenAnswer> RunOut(Held held)
    {
        await vault.End(held.Id, EndReason.Expired, "the access token has ended and the provider gave no refresh token", null, default);
        return TokenAnswer.Over(EndReason.Expired);
    }

    /// <summary>A claim of another node, and when we first saw it in this form.</summary>
    readonly record struct Observed(RefreshClaim? Claim, long Since);
}
