using System.Globalization;
using Poolhouse.Core;
using Poolhouse.Server.SignIn;
using Poolhouse.Tokens;

namespace Poolhouse.Server.Dev.Playground;

/// <summary>GET /dev/sample: an API as anybody would write one, behind a check that knows which sessions were revoked.</summary>
static class SampleApi
{
    public static async Task<IResult> Handle(HttpContext context, AccessTokenCheck check, TimeProvider time, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-store";
        // RFC 6750 §3.1: who sent no token at all is told how to, and no error.
        if (Bearer(context.Request) is not { } token) return Refuse(context, null, "No access token came with this call.");
        try
        {
            var claims = await Check(token, check, cancel);
            var name = claims.Text("username");
            return TypedResults.Json(new SampleGreeting($"Hello, {name ?? "machine"}. The water is fine.", claims.Text(ClaimNames.Subject), name,
                claims.Text(ClaimNames.Scope), time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)), PlaygroundJson.Default.SampleGreeting);
        }
        catch (RefusedException refused)
        {
            return Refuse(context, "invalid_token", Reason(refused.Reason));
        }
    }

    // THE CHECK. The one place that the guard takes over; until then the server's own check answers, the one behind userInfo.
    static async Task<Jwt> Check(string token, AccessTokenCheck check, CancellationToken cancel) => (await check.Check(token, "access", cancel)).Claims;

    static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;

    static string Reason(Refusal reason) => reason switch
    {
        Refusal.AccessTokenExpired => "The access token has expired.",
        Refusal.AccessTokenRevoked => "The session of this access token has been revoked.",
        Refusal.UserDisabled => "The user is disabled.",
        Refusal.UserNotFound => "The user no longer exists.",
        Refusal.ClientNotFound => "The app client no longer exists.",
        _ => "This is no access token of this server.",
    };

    static IResult Refuse(HttpContext context, string? error, string reason)
    {
        context.Response.Headers.WWWAuthenticate = error is null ? "Bearer" : $"Bearer error=\"{error}\", error_description=\"{reason}\"";
        return TypedResults.Json(new SampleRefusal(error ?? "missing_token", reason), PlaygroundJson.Default.SampleRefusal, statusCode: 401);
    }
}

/// <summary>What the sample API says to those it lets in.</summary>
public sealed record SampleGreeting(string Message, string? Sub, string? Username, string? Scope, string CheckedAt);

/// <summary>What the sample API says to everybody else, with the reason in words.</summary>
public sealed record SampleRefusal(string Error, string Reason);
