using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;
using Poolhouse.Tokens;

namespace Poolhouse.Server.OAuth;

/// <summary>What introspection says of a token (RFC 7662 §2.2); of a dead one nothing but that.</summary>
public sealed record IntrospectionResponse(
    bool Active, string? Scope = null, string? ClientId = null, string? Username = null, string? TokenType = null, long? Exp = null,
    long? Iat = null, string? Sub = null, string? Aud = null, string? Iss = null, string? Jti = null, string? OriginJti = null, string? TokenUse = null);

/// <summary>POST /oauth2/introspect: the exact oracle, for confidential clients, about their own tokens or with a scope those of their pool.</summary>
static class IntrospectEndpoint
{
    /// <summary>Lets a client introspect the tokens of its whole pool.</summary>
    public const string WholePool = "poolhouse/introspect";

    static readonly IntrospectionResponse Dead = new(false);

    public static async Task<IResult> Handle(HttpRequest request, ClientAuthentication clients, Introspection introspection, CancellationToken cancel)
    {
        var form = await OAuthForm.Read(request, cancel);
        AppClient caller;
        UserPool pool;
        try
        {
            (pool, caller) = await clients.Authenticate(request, form, cancel);
        }
        catch (OAuthException refused) when (refused.Status == 400)
        {
            throw new OAuthException("invalid_client", refused.Description, 401);
        }
        if (!caller.IsConfidential) throw new OAuthException("invalid_client", "Introspection is for confidential clients.", 401);

        var found = await introspection.Of(pool, form.Required("token"), cancel);
        var visible = found is not null && (found.ClientId == caller.Id || caller.AllowedScopes.Contains(WholePool, StringComparer.Ordinal));
        return new OAuthReply<IntrospectionResponse>(visible ? found! : Dead, OAuthJson.Default.IntrospectionResponse);
    }
}

/// <summary>Finds out about a token of a pool.</summary>
sealed class Introspection(
    Database database, AccessTokenCheck check, SessionStore sessions, RefreshTokens refreshTokens, ServerOptions server)
{
    /// <summary>What is to be said of a live token of this pool, or null.</summary>
    public async Task<IntrospectionResponse?> Of(UserPool pool, string token, CancellationToken cancel) =>
        RefreshTokens.TryRead(token, out var presented) ? await OfRefreshToken(pool, presented, cancel)
        : await OfJwt(pool, token, "access", cancel) ?? await OfJwt(pool, token, "id", cancel);

    async Task<IntrospectionResponse?> OfJwt(UserPool pool, string token, string kind, CancellationToken cancel)
    {
        try
        {
            var found = await check.Check(token, kind, cancel);
            if (found.Pool.Id != pool.Id) return null;
            var claims = found.Claims;
            return new(true, claims.Text(ClaimNames.Scope), found.Client.Id, found.User?.Username, "Bearer", claims.Number(ClaimNames.Expires),
                claims.Number(ClaimNames.IssuedAt), claims.Text(ClaimNames.Subject), claims.Text(ClaimNames.Audience), claims.Text(ClaimNames.Issuer),
                claims.Text(ClaimNames.TokenId), claims.Text(ClaimNames.OriginJti), kind);
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    async Task<IntrospectionResponse?> OfRefreshToken(UserPool pool, PresentedRefreshToken presented, CancellationToken cancel)
    {
        var (session, user) = await sessions.FindWithUser(presented.Family, cancel);
        if (!refreshTokens.IsGenuine(presented, session) || session!.PoolId != pool.Id || session.RevokedAt is not null) return null;
        if (session.EndsAt <= database.Now || session.Generation != presented.Generation) return null;
        if (user is not { Enabled: true }) return null;
        return new(true, session.Scopes, session.ClientId, user.Username, "refresh_token", Clock.Seconds(session.EndsAt), null, user.Sub,
            null, server.IssuerOf(pool), null, session.Id, "refresh");
    }
}
