using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Poolhouse.Guard.AspNetCore;

/// <summary>The scheme: takes the Bearer token of a request to the guard, and words its answer in HTTP (RFC 6750 §3).</summary>
sealed class CognitoGuardHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    const string Bearer = "Bearer ";
    const int RetrySeconds = 5;

    // Claims of a token that is remembered are made once.
    static readonly ConditionalWeakTable<VerifiedToken, Claim[]> Claims = [];

    // A handler is of one request and one scheme; of several schemes each has its own answer.
    GuardRefusal refusal = GuardRefusal.TokenMissing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0 || !header[0]!.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        // Of two tokens a proxy may have looked at the other.
        var token = header.Count == 1 ? header[0]![Bearer.Length..].Trim() : "two headers";
        var guard = Context.RequestServices.GetRequiredKeyedService<CognitoGuard>(Scheme.Name);
        var demand = Context.GetEndpoint()?.Metadata.GetMetadata<RevocationDemandAttribute>()?.Demand;
        var result = await guard.CheckAsync(token, demand, Context.RequestAborted);
        refusal = result.Refusal;
        // Where tokens of several pools are taken, one guard lets a request in and the others do not.
        if (Context.Features.Get<GuardFeature>() is not { Result.Accepted: true }) Context.Features.Set(new GuardFeature(guard, result));
        if (!result.Accepted) return AuthenticateResult.Fail(new GuardRefusedException(result.Refusal));

        if (result.State is RevocationState.Stale or RevocationState.Blind)
            Response.Headers["x-revocation-lag"] = result.Lag is { } lag ? ((long)lag.TotalSeconds).ToString(CultureInfo.InvariantCulture) : "unknown";
        var properties = new AuthenticationProperties();
        properties.StoreTokens([new() { Name = "access_token", Value = token }]);
        var identity = new ClaimsIdentity(Claims.GetValue(result.Token!, Flatten), Scheme.Name, "username", "cognito:groups");
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), properties, Scheme.Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // The scheme may be challenged without having been asked before.
        await HandleAuthenticateOnceSafeAsync();
        // What another pool's guard cannot say is not said by this one's 401.
        if (Response.StatusCode == StatusCodes.Status503ServiceUnavailable) return;
        if (refusal is GuardRefusal.KeysUnavailable or GuardRefusal.RevocationUnknown)
        {
            // Not 401: whoever gets that throws away a session that may be good.
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            Response.Headers.RetryAfter = RetrySeconds.ToString(CultureInfo.InvariantCulture);
            Response.Headers.Remove("WWW-Authenticate");
            return;
        }
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.Append("WWW-Authenticate", refusal is GuardRefusal.TokenMissing or GuardRefusal.None
            ? "Bearer" : $"Bearer error=\"invalid_token\", error_description=\"{Description(refusal)}\"");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        var missing = Context.Features.Get<GuardFeature>()?.MissingScopes;
        Response.Headers.WWWAuthenticate = missing is null ? "Bearer error=\"insufficient_scope\"" : $"Bearer error=\"insufficient_scope\", scope=\"{missing}\"";
        return Task.CompletedTask;
    }

    static string Description(GuardRefusal refusal) => refusal switch
    {
        GuardRefusal.Expired => "The access token has expired.",
        GuardRefusal.NotYetValid => "The access token is not valid yet.",
        GuardRefusal.Revoked => "The session of the access token has been revoked.",
        GuardRefusal.WrongClient => "The access token was made for another app client.",
        GuardRefusal.WrongIssuer => "The access token comes from another issuer.",
        GuardRefusal.WrongTokenUse => "This is not the kind of token that is taken here.",
        _ => "The access token is not valid.",
    };

    static Claim[] Flatten(VerifiedToken token) => [.. token.Claims.EnumerateObject().SelectMany(member => member.Value.ValueKind == JsonValueKind.Array
        ? member.Value.EnumerateArray().Select(one => Claim(member.Name, one)) : [Claim(member.Name, member.Value)])];

    static Claim Claim(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new(name, value.GetString()!),
        JsonValueKind.True or JsonValueKind.False => new(name, value.GetBoolean() ? "true" : "false", ClaimValueTypes.Boolean),
        JsonValueKind.Number => new(name, value.GetRawText(), value.TryGetInt64(out _) ? ClaimValueTypes.Integer64 : ClaimValueTypes.Double),
        _ => new(name, value.GetRawText(), "JSON"),
    };
}

/// <summary>A token was refused; the reason is the guard's.</summary>
public sealed class GuardRefusedException(GuardRefusal refusal) : Exception($"The token was refused: {refusal}.")
{
    /// <summary>Why.</summary>
    public GuardRefusal Refusal { get; } = refusal;
}
