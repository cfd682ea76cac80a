using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// The refresh grant, for /oauth2/token, InitiateAuth and GetTokensFromRefreshToken alike: look, mint, spend. The write
/// is the last step that can fail, and with rotation off nothing is written at all.
/// </summary>
public sealed class RefreshSession(
    Database database, SessionStore sessions, UserStore users, RefreshTokens refreshTokens, TokenSubjects subjects, Audit audit)
{
    /// <summary>Redeems a refresh token of a client that has proven who it is.</summary>
    public Task<TokenSet> Redeem(UserPool pool, AppClient client, string? refreshToken, CancellationToken cancel, string? deviceKey = null) =>
        Redeem(pool, client, refreshToken, _ => { }, cancel, deviceKey);

    /// <summary>Redeems a refresh token of a client that proves who it is by something that needs the user's name.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="client">The client.</param>
    /// <param name="refreshToken">What was presented.</param>
    /// <param name="prove">Refuses the client; nothing of the account has shown and nothing is spent before it is asked.</param>
    /// <param name="cancel">Cancels the reads.</param>
    /// <param name="deviceKey">The device that the app says it is: a session that was born on one is refreshed there only.</param>
    public async Task<TokenSet> Redeem(
        UserPool pool, AppClient client, string? refreshToken, Action<User> prove, CancellationToken cancel, string? deviceKey = null)
    {
        if (!RefreshTokens.TryRead(refreshToken, out var presented)) throw Refused(Refusal.RefreshTokenInvalid, client, null);
        var held = await sessions.Find(presented.Family, cancel);
        // The MAC before anything else: who cannot make one learns nothing and changes nothing.
        if (!refreshTokens.IsGenuine(presented, held) || held is null || held.ClientId != client.Id)
            throw Refused(Refusal.RefreshTokenInvalid, client, null);
        var user = await users.Get(pool.Id, held.UserSub, cancel);
        if (user is not null) prove(user);
        if (user is { Enabled: false }) throw Refused(Refusal.UserDisabled, client, held);
        if (held.RevokedAt is not null) throw Refused(user is null ? Refusal.UserNotFound : Refusal.RefreshTokenRevoked, client, held);
        if (held.EndsAt <= database.Now) throw Refused(Refusal.RefreshTokenExpired, client, held);
        if (user is null) throw Refused(Refusal.UserNotFound, client, held);
        if (held.DeviceKey is not null && held.DeviceKey != deviceKey) throw Refused(Refusal.RefreshTokenInvalid, client, held);

        var subject = await subjects.Of(pool, client, user, held, nonce: null, cancel);
        if (client.RotatesRefreshTokens) return await Rotate(client, held, presented, subject);

        // Rotation may have been switched off on a live session: its current token works, and so does the direct predecessor.
        var age = held.Generation - presented.Generation;
        if (age is not 0 && !(age is 1 && database.Now < held.RotatedAt + client.RetryGrace.Ms())) throw Refused(Refusal.RefreshTokenInvalid, client, held);
        // Whoever holds the predecessor missed the reply that told the live token, and would be signed out when the grace ends.
        return TokenMinter.Mint(subject, age is 0 ? null : refreshTokens.Derive(held, held.Generation), database.Now);
    }

    async Task<TokenSet> Rotate(AppClient client, Session held, PresentedRefreshToken presented, TokenSubject subject)
    {
        // Whoever wins, the successor of the presented token is the same to the byte: it can be minted before it is known who does.
        var minted = TokenMinter.Mint(subject, refreshTokens.Derive(held, presented.Generation + 1), database.Now);
        var outcome = await database.WriteEvenIfFull(tx => SessionStore.Rotate(tx, held.Id, presented.Generation, client.RetryGrace));
        switch (outcome)
        {
            case Rotation.Done:
                return minted;
            case Rotation.Repeated:
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
        audit.RefreshRefused(reason, client.Id, session);
        return new(reason);
    }
}
