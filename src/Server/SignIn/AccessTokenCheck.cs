using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;
using Poolhouse.Tokens;

namespace Poolhouse.Server.SignIn;

/// <summary>A token of ours that is genuine, in time and not revoked.</summary>
/// <param name="Pool">Its pool.</param>
/// <param name="Client">Its client.</param>
/// <param name="Claims">What it says.</param>
/// <param name="Session">Its session, or null for a machine's token.</param>
/// <param name="User">Its user as of now, or null for a machine's token.</param>
public sealed record CheckedToken(UserPool Pool, AppClient Client, Jwt Claims, Session? Session, User? User)
{
    /// <summary>Whether the token itself carries a scope.</summary>
    public bool Has(string scope) => Claims.Text(ClaimNames.Scope)?.Split(' ').Contains(scope, StringComparer.Ordinal) == true;
}

/// <summary>
/// The server's own check of tokens that it is shown: the key that <c>kid</c> names, the issuer, the time, the kind, and
/// then the session in the database, so that a revoked token is refused at once.
/// </summary>
public sealed class AccessTokenCheck(
    Database database, PoolStore pools, ClientStore clients, SigningKeyStore keys, SessionStore sessions, ServerOptions server)
{
    /// <summary>Checks an access token of a user and that it carries a scope.</summary>
    public async Task<CheckedToken> OfUser(string? token, string scope, CancellationToken cancel)
    {
        var found = await Check(token, "access", cancel);
        if (!found.Has(scope)) throw new RefusedException(Refusal.AccessTokenScope);
        return found.User is null ? throw new RefusedException(Refusal.AccessTokenInvalid) : found;
    }

    /// <summary>Checks a token of one kind ("access" or "id"), of a user or of a machine.</summary>
    public async Task<CheckedToken> Check(string? token, string kind, CancellationToken cancel)
    {
        if (!Jwt.TryRead(token, out var jwt) || jwt.Text(ClaimNames.Issuer) is not { } issuer) throw new RefusedException(Refusal.AccessTokenInvalid);
        var pool = await pools.Find(issuer[(issuer.LastIndexOf('/') + 1)..], cancel) ?? throw new RefusedException(Refusal.AccessTokenInvalid);
        var key = await keys.Find(pool.Id, jwt.Kid);
        // The kind is bound to the key as well as to the claim: an ID token is not even signed by the key of access tokens.
        if (key is null || key.Use != (kind == "id" ? KeyUse.Id : KeyUse.Access) || jwt.Algorithm != "RS256" || !key.Verify(jwt.Signed.Span, jwt.Signature.Span)
            || issuer != server.IssuerOf(pool) || jwt.Text(ClaimNames.TokenUse) != kind)
            throw new RefusedException(Refusal.AccessTokenInvalid);
        if (jwt.Number(ClaimNames.Expires) is not { } expires || expires <= Clock.Seconds(database.Now)) throw new RefusedException(Refusal.AccessTokenExpired);

        var clientId = jwt.Text(kind == "id" ? ClaimNames.Audience : ClaimNames.ClientId);
        var client = clientId is null ? null : await clients.Find(clientId, cancel);
        if (client is null || client.PoolId != pool.Id) throw new RefusedException(Refusal.ClientNotFound, clientId);
        var family = jwt.Text(ClaimNames.OriginJti) ?? jwt.Text(ClaimNames.EventId);
        if (family is null) return new(pool, client, jwt, null, null);
        return await OfSession(new(pool, client, jwt, null, null), family, cancel);
    }

    async Task<CheckedToken> OfSession(CheckedToken token, string family, CancellationToken cancel)
    {
        var (session, user) = await sessions.FindWithUser(family, cancel);
        if (session is null || session.RevokedAt is not null)
        {
            // Deleting a user ends the sessions as well; the caller may know which it was.
            if (session?.EndReason == SessionEnd.UserDeleted) throw new RefusedException(Refusal.UserNotFound);
            if (session?.EndReason == SessionEnd.UserDisabled && user is { Enabled: false }) throw new RefusedException(Refusal.UserDisabled);
            throw new RefusedException(Refusal.AccessTokenRevoked);
        }
        if (user is null) throw new RefusedException(Refusal.UserNotFound);
        if (!user.Enabled) throw new RefusedException(Refusal.UserDisabled);
        if (Cause.Current is { } cause) cause.Actor = user.Sub;
        return token with { Session = session, User = user };
    }
}
