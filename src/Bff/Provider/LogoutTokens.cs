using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Provider;

/// <summary>Whom a logout token is about: a session at the provider, a user, or both.</summary>
sealed record LogoutOrder(string? Session, string? Subject);

/// <summary>Checks logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6), each of which is good once on all nodes.</summary>
sealed class LogoutTokens(CheckedBffOptions options, ProviderClient provider, SessionVault vault, TimeProvider time, BffTelemetry told)
{
    const string Event = "http://schemas.openid.net/event/backchannel-logout";
    const int LongestToken = 8192;
    static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(2);
    static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = LongestToken, MapInboundClaims = false };

    /// <summary>What a token orders; null if it is refused.</summary>
    public async Task<LogoutOrder?> Check(string text, CancellationToken cancel)
    {
        var result = await Validate(text, cancel);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            provider.KeyIsUnknown();
            result = await Validate(text, cancel);
        }
        if (!result.IsValid) return Refused(result.Exception?.GetType().Name ?? "not valid");
        var token = (JsonWebToken)result.SecurityToken;
        if (Fault(token) is { } fault) return Refused(fault);
        var order = new LogoutOrder(Text(token, "sid"), Text(token, "sub"));
        if (order is { Session: null, Subject: null }) return Refused("neither sid nor sub");
        // Last, or anybody could use up the id of a token that is still to come.
        return await vault.TrySpend($"{token.Issuer}\n{token.Id}", time.GetUtcNow() + LongestLife + (2 * Leeway), cancel) ? order : Refused("the jti was used before");
    }

    async Task<TokenValidationResult> Validate(string text, CancellationToken cancel)
    {
        var configuration = await provider.Configuration(cancel);
        return await handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidIssuer = configuration.Issuer,
            ValidAudience = options.ClientId,
            IssuerSigningKeys = configuration.SigningKeys,
            // RFC 8725 §3.1, §3.11: neither the token's choice of algorithm nor another kind of token.
            ValidAlgorithms = Algorithms,
            ValidTypes = ["logout+jwt"],
            RequireSignedTokens = true,
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            ClockSkew = Leeway,
            LifetimeValidator = (_, expires, _, _) => expires is { } end && end > time.GetUtcNow().UtcDateTime - Leeway && end <= time.GetUtcNow().UtcDateTime + LongestLife + Leeway,
        });
    }

    static string? Fault(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<JsonElement>("events", out var events) || events.ValueKind != JsonValueKind.Object
            || !events.TryGetProperty(Event, out var about) || about.ValueKind != JsonValueKind.Object) return "no logout event";
        // §2.4: what an ID token has, a logout token must not, so that the one never passes for the other.
        if (token.TryGetPayloadValue<object>("nonce", out _)) return "a nonce";
        if (string.IsNullOrEmpty(token.Id)) return "no jti";
        if (token.Audiences.Count() != 1) return "several audiences";
        return token.TryGetPayloadValue<long>("iat", out _) ? null : "no iat";
    }

    LogoutOrder? Refused(string why)
    {
        told.LogoutTokenRefused(why);
        return null;
    }

    static string? Text(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) && value is { Length: > 0 } ? value : null;
}
