using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Http;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// The refresh grant, for /oauth2/token, InitiateAuth and GetTokensFromRefreshToken alike: look, mint, spend. The write
/// is the last step that can fail, and with rotation off nothing is written at all.
/// </summary>
public sealed class RefreshSession(
    Database database, SessionStore sessions, RefreshTokens refreshTokens, TokenSubjects subjects, Audit audit)
{
    /// <summary>Redeems a refresh token of a client that has proven who it is.</summary>
    public Task<TokenSet> Redeem(UserPool pool, AppClient client, string? refreshToken, CancellationToken cancel) =>
        Redeem(pool, client, new(refreshToken), _ => { }, cancel);

    /// <summary>Redeems a refresh token of a client that proves who it is by something that needs the user's name.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="client">The client.</param>
    /// <param name="call">What was presented.</param>
    /// <param name="prove">Refuses the client; nothing of the account has shown and nothing is spent before it is asked.</param>
    /// <param name="cancel">Cancels the reads.</param>
    public async Task<TokenSet> Redeem(UserPool pool, AppClient client, RefreshCall call, Action<User> prove, CancellationToken cancel)
    {
        using var span = Telemetry.Traces.StartActivity("refresh");
        var arrived = database.Now;
        if (!RefreshTokens.TryRead(call.RefreshToken, out var presented)) throw Refused(Refusal.RefreshTokenInvalid, client, null);
        var (held, user) = await Look(pool, client, presented, prove, cancel);
        // Born on a device, refreshed there only.
        if (held.DeviceKey is not null && held.DeviceKey != call.DeviceKey) throw Refused(Refusal.RefreshTokenInvalid, client, held);
        // What is spent for good is refused, or ends its family, whether or not the pool's function answers.
        var live = IsLive(client, held, presented, arrived);
        if (!live && !client.RotatesRefreshTokens) throw Refused(Refusal.RefreshTokenInvalid, client, held);
        var subject = live ? await subjects.Of(pool, client, user, held, new(TokenSource.RefreshTokens, Metadata: call.Metadata), cancel) : null;
        if (subject is null || client.RotatesRefreshTokens) return await Rotate(client, held, presented, subject, arrived);

        // Nothing is written here that could fail: what ended while the function was asked must show in another look.
        if (PoolTriggers.ChangesTokens(pool)) (held, _) = await Look(pool, client, presented, _ => { }, cancel);
        // Whoever holds the predecessor missed the reply that told the live token, and would be signed out when the grace ends.
        audit.Refreshed(held, rotated: false);
        return TokenMinter.Mint(subject, held.Generation == presented.Generation ? null : refreshTokens.Derive(held, held.Generation), database.Now);
    }

    async Task<(Session Held, User User)> Look(UserPool pool, AppClient client, PresentedRefreshToken presented, Action<User> prove, CancellationToken cancel)
    {
        var (held, user) = await sessions.FindWithUser(presented.Family, cancel);
        // The MAC before anything else: who cannot make one learns nothing and changes nothing.
        if (!refreshTokens.IsGenuine(presented, held) || held is null || held.ClientId != client.Id)
            throw Refused(Refusal.RefreshTokenInvalid, client, null);
        if (user is not null) prove(user);
        if (user is { Enabled: false }) throw Refused(Refusal.UserDisabled, client, held);
        if (held.RevokedAt is not null) throw Refused(user is null ? Refusal.UserNotFound : Refusal.RefreshTokenRevoked, client, held);
        if (held.EndsAt <= database.Now) throw Refused(Refusal.RefreshTokenExpired, client, held);
        return user is null ? throw Refused(Refusal.UserNotFound, client, held) : (held, user);
    }

    // Rotation may have been switched off on a live session: its current token works, and so does the direct predecessor for a while.
    static bool IsLive(AppClient client, Session held, PresentedRefreshToken presented, long arrived) => (held.Generation - presented.Generation) switch
    {
        0 => true,
        1 => arrived < held.RotatedAt + client.RetryGrace.Ms(),
        _ => false,
    };

    async Task<TokenSet> Rotate(AppClient client, Session held, PresentedRefreshToken presented, TokenSubject? subject, long arrived)
    {
        // Whoever wins, the successor of the presented token is the same to the byte: it can be minted before it is known who does.
        var minted = subject is null ? null : TokenMinter.Mint(subject, refreshTokens.Derive(held, presented.Generation + 1), database.Now);
        // A slow function must not use up the grace of who came in time.
        var grace = client.RetryGrace == TimeSpan.Zero ? TimeSpan.Zero : client.RetryGrace + TimeSpan.FromMilliseconds(database.Now - arrived);
        var outcome = await database.WriteEvenIfFull(tx => SessionStore.Rotate(tx, held.Id, presented.Generation, grace));
        switch (outcome)
        {
            case Rotation.Done when minted is not null:
                audit.Refreshed(held, rotated: true);
                return minted;
            case Rotation.Repeated when minted is not null:
                audit.GraceReplay(held);
                return minted;
            case Rotation.Reused:
                audit.SessionEnded(held, SessionEnd.RefreshTokenReused);
                throw Refused(Refusal.RefreshTokenReused, client, held);
            case Rotation.Ahead:
                audit.GenerationAhead(held);
                throw Refused(Refusal.RefreshTokenInvalid, client, held);
            case Rotation.Expired:
                throw Refused(Refusal.RefreshTokenExpired, client, held);
            default:
                throw Refused(Refusal.RefreshTokenRevoked, client, held);
        }
    }

    RefusedException Refused(Refusal reason, AppClient client, Session? session)
    {
        audit.RefreshRefused(reason, client, session);
        return new(reason);
    }
}

/// <summary>What comes with a refresh.</summary>
/// <param name="RefreshToken">The refresh token.</param>
/// <param name="DeviceKey">The device that the app says it is, or null.</param>
/// <param name="Metadata">The call's ClientMetadata for the pool's function, or null.</param>
public sealed record RefreshCall(string? RefreshToken, string? DeviceKey = null, IReadOnlyDictionary<string, string>? Metadata = null);
