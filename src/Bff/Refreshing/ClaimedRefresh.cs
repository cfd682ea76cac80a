using System.Security.Cryptography;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Refreshing;

/// <summary>
/// One refresh from claim to commit. The claim is written by compare-and-set and shown to be alive by a beat; every later write asks whether it is still ours, so that a
/// node which comes back late overwrites nothing. A node that dies anywhere in here leaves a claim without beats: another takes it over and presents the same
/// refresh token, which the provider answers with the same successor within its grace.
/// </summary>
sealed class ClaimedRefresh(SessionVault vault, ProviderClient provider, TokenLifetimes lifetimes, CheckedBffOptions options, TimeProvider time, BffTelemetry told)
{
    const int TriesToCommit = 6;
    static readonly TimeSpan AwayFor = TimeSpan.FromSeconds(1);
    readonly string node = $"{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    /// <summary>Claims the refresh of a session and carries it out; null if another was quicker, at the beginning or at the end: the row then tells what came of it.</summary>
    public async Task<TokenAnswer?> Try(Held held)
    {
        var claim = new RefreshClaim(node, RandomNumberGenerator.GetHexString(16, lowercase: true), vault.Now, 0);
        if (await vault.TryWrite(held, held.State with { Claim = claim }, default) is not { } ours) return null;
        var reply = await Ask(ours, claim.Nonce);
        return reply switch
        {
            Granted granted => await Commit(ours, claim.Nonce, granted),
            Refused refused => await End(ours.Id, claim.Nonce, refused),
            Away away => await Release(ours.Id, claim.Nonce, away),
            _ => throw new InvalidOperationException("A reply of no kind."),
        };
    }

    async Task<RefreshReply> Ask(Held ours, string nonce)
    {
        using var stop = new CancellationTokenSource();
        var beating = Beat(ours.Id, nonce, stop.Token);
        try
        {
            return await provider.Refresh(ours.State.Tokens!.Refresh!);
        }
        finally
        {
            await stop.CancelAsync();
            await beating;
        }
    }

    async Task<TokenAnswer?> Commit(Held ours, string nonce, Granted granted)
    {
        var id = IdToken.Read(granted.Id);
        if (id is not null && id.Subject != ours.State.Subject)
        {
            // OpenID Connect Core §12.2. Nothing that comes with it can be this user's.
            told.OtherSubject(ours.Id);
            return await End(ours.Id, nonce, new(EndReason.Revoked, "the refresh yielded another user's ID token"));
        }
        var tokens = lifetimes.Of(granted, ours.State.Tokens!);
        var written = await Persistently(() => Mine(ours.Id, nonce, state => state with { Tokens = tokens, Claims = id?.Claims ?? state.Claims, Claim = null, RefreshNotBefore = 0 }));
        told.Refreshed(ours.Id, written is null ? "late" : "granted");
        if (written is not null) return TokenAnswer.Of(tokens);
        told.CameTooLate(ours.Id);
        // A session that was ended meanwhile must leave nothing alive at the provider; one that was taken over has the same successor.
        if (granted.Refresh is not null && await vault.Find(ours.Id, default) is null or { State.Reason: not null }) await provider.Revoke(granted.Refresh);
        return null;
    }

    async Task<TokenAnswer?> End(string session, string nonce, Refused refused)
    {
        told.Refreshed(session, refused.Reason.Wire());
        // Only if nobody has newer tokens: this answer was to an old one then.
        return await vault.End(session, refused.Reason, refused.Detail, state => state.Claim?.Nonce == nonce, default) is null ? null : TokenAnswer.Over(refused.Reason);
    }

    async Task<TokenAnswer?> Release(string session, string nonce, Away away)
    {
        told.Refreshed(session, "away");
        told.ProviderAway(session, away.Why);
        // Spread out, or all sessions come back in step when the provider does.
        var pause = (away.RetryAfter > AwayFor ? away.RetryAfter : AwayFor) * (0.75 + RandomNumberGenerator.GetInt32(500) / 1000.0);
        await Mine(session, nonce, state => state with { Claim = null, RefreshNotBefore = vault.Now + (long)pause.TotalMilliseconds });
        return TokenAnswer.Away(pause);
    }

    async Task Beat(string session, string nonce, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Given.TakeOverAfter / 3, time, stop);
                if (await Mine(session, nonce, state => state with { Claim = state.Claim! with { Beat = state.Claim.Beat + 1 } }) is null) return;
            }
        }
        catch (OperationCanceledException)
        {
            // The reply is there.
        }
        catch (Exception fault)
        {
            // Whoever cannot reach the store looks dead to the others, and is right to be taken over.
            told.StoreFailed(fault);
        }
    }

    // Writes for as long as the claim is ours; null once it is not.
    async Task<Held?> Mine(string session, string nonce, Func<SessionState, SessionState> change)
    {
        while (await vault.Find(session, default) is { State.Reason: null } held && held.State.Claim?.Nonce == nonce)
            if (await vault.TryWrite(held, change(held.State), default) is { } written) return written;
        return null;
    }

    // New tokens that are lost cost a session where the provider has no grace: a store that stumbles is asked again.
    async Task<Held?> Persistently(Func<Task<Held?>> write)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await write();
            }
            catch (Exception fault) when (tries < TriesToCommit)
            {
                told.StoreFailed(fault);
                await Task.Delay(TimeSpan.FromMilliseconds(50 << tries), time);
            }
        }
    }
}
