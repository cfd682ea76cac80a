using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Poolhouse.Tokens;

namespace Poolhouse.Guard;

/// <summary>
/// The cold path: a token that has not been seen. Its form is read strictly first (<see cref="Jwt"/>), the signature and the issuer are the vetted
/// verifier's, the claims that are Cognito's own come last. What changes with time (expiry, revocation) is asked again on every call, not here.
/// </summary>
sealed class TokenVerifier(CheckedOptions options, IssuerKeys keys)
{
    // Of the year 9999: what DateTimeOffset can hold.
    const long LastSecond = 253_402_300_799;

    // One for each key, as long as it is among the keys: the vetted verifier only reads them.
    readonly ConditionalWeakTable<IssuerKey, TokenValidationParameters> parameters = [];

    static readonly JsonWebTokenHandler Handler = new() { MaximumTokenSizeInBytes = Jwt.MaxLength, MapInboundClaims = false };

    public async ValueTask<(GuardRefusal Refusal, VerifiedToken? Token)> Verify(string token, CancellationToken cancel)
    {
        if (!Jwt.TryRead(token, out var jwt)) return (GuardRefusal.Malformed, null);
        var claims = new KnownClaims(jwt.Payload);
        // Before any key is looked for: another issuer's token must not make us fetch keys. It is verified again below.
        if (!KnownClaims.Is(claims.Issuer, options.Issuer)) return (GuardRefusal.WrongIssuer, null);
        var key = keys.Find(jwt.Kid);
        if (key is null)
        {
            await keys.Refetch(cancel);
            key = keys.Find(jwt.Kid);
        }
        if (key is null) return (keys.Any ? GuardRefusal.UnknownKey : GuardRefusal.KeysUnavailable, null);
        if (jwt.Algorithm != key.Algorithm) return (GuardRefusal.WrongAlgorithm, null);

        var result = await Handler.ValidateTokenAsync(token, parameters.GetValue(key, Parameters));
        if (!result.IsValid) return (Refusal(result.Exception), null);
        return Cognito(jwt.Payload, claims);
    }

    TokenValidationParameters Parameters(IssuerKey key) => new()
    {
        IssuerSigningKey = key.Key,
        ValidAlgorithms = [key.Algorithm],
        ValidIssuer = options.Issuer,
        RequireSignedTokens = true,
        // Cognito's access tokens have no `aud`; client_id takes its place below. Times are checked on every call, by a better clock.
        ValidateAudience = false,
        ValidateLifetime = false,
        TryAllIssuerSigningKeys = false,
    };

    static GuardRefusal Refusal(Exception fault) => fault switch
    {
        SecurityTokenInvalidIssuerException => GuardRefusal.WrongIssuer,
        SecurityTokenInvalidAlgorithmException => GuardRefusal.WrongAlgorithm,
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException => GuardRefusal.WrongSignature,
        _ => GuardRefusal.Malformed,
    };

    (GuardRefusal, VerifiedToken?) Cognito(JsonElement payload, in KnownClaims claims)
    {
        TokenUse? use = KnownClaims.Is(claims.Use, "access") ? TokenUse.Access : KnownClaims.Is(claims.Use, "id") ? TokenUse.Id : null;
        if (use is null || (options.TokenUse != TokenUse.AccessOrId && use != options.TokenUse)) return (GuardRefusal.WrongTokenUse, null);
        var client = Jwt.Text(use == TokenUse.Access ? claims.ClientId : claims.Audience);
        // All remembered tokens of a client share the one text that is in the options.
        if (client is null || (options.ClientIds is { } allowed && !allowed.TryGetValue(client, out client))) return (GuardRefusal.WrongClient, null);
        // RFC 7519 §4.1.4 allows a token without an end; an access token without one is a mistake of somebody's.
        if (Jwt.Number(claims.Expires) is not { } expires || expires is < 0 or > LastSecond) return (GuardRefusal.Expired, null);
        long notBefore = 0;
        if (claims.NotBefore.ValueKind != JsonValueKind.Undefined && (Jwt.Number(claims.NotBefore) is not { } given || (notBefore = given) is < 0 or > LastSecond))
            return (GuardRefusal.Malformed, null);
        var session = claims.OriginJti.ValueKind == JsonValueKind.String ? claims.OriginJti : claims.EventId;
        return (GuardRefusal.None, new(payload, client, use.Value, session, expires * 1000, notBefore * 1000));
    }
}
