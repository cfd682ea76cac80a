using System.Globalization;
using Poolhouse.Guard;
using Poolhouse.Storage;

namespace Poolhouse.Server.Dev.Playground;

/// <summary>GET /dev/sample: an API as anybody would write one, behind the guard.</summary>
static class SampleApi
{
    public static async Task<IResult> Handle(HttpContext context, SampleGuard guards, PlaygroundClient clients, PoolStore pools, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await clients.Find(cancel) is not { } client || await pools.Find(client.PoolId, cancel) is not { } pool)
            return Refuse(context, 503, null, "There is no pool to play with. Press Reset.");
        var guard = await guards.For(pool, cancel);
        var result = await guard.CheckAsync(Bearer(context.Request), cancel: cancel);
        if (!result.Accepted) return Refuse(context, result.StatusCode, result.Refusal == GuardRefusal.TokenMissing ? null : "invalid_token", Reason(result.Refusal));
        var token = result.Token!;
        return TypedResults.Json(new SampleGreeting($"Hello, {token.Username ?? "machine"}. The water is fine.", token.Subject, token.Username,
            string.Join(' ', token.Scopes), (long?)result.Lag?.TotalMilliseconds, DateTimeOffset.FromUnixTimeMilliseconds(guard.Now).ToString("O", CultureInfo.InvariantCulture)),
            PlaygroundJson.Default.SampleGreeting);
    }

    static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;

    static string Reason(GuardRefusal refusal) => refusal switch
    {
        GuardRefusal.TokenMissing => "No access token came with this call.",
        GuardRefusal.Expired => "The access token has expired.",
        GuardRefusal.Revoked => "The session of this access token has been revoked.",
        GuardRefusal.KeysUnavailable or GuardRefusal.RevocationUnknown => "The guard has no connection to the server that could tell it. Try again.",
        GuardRefusal.WrongTokenUse => "This is not an access token.",
        GuardRefusal.WrongIssuer => "This token is of another pool.",
        _ => "This is no access token of this server.",
    };

    // RFC 6750 §3.1: who sent no token at all is told how to, and no error.
    static IResult Refuse(HttpContext context, int status, string? error, string reason)
    {
        if (status == 503) context.Response.Headers.RetryAfter = "1";
        else context.Response.Headers.WWWAuthenticate = error is null ? "Bearer" : $"Bearer error=\"{error}\", error_description=\"{reason}\"";
        return TypedResults.Json(new SampleRefusal(status == 503 ? "temporarily_unavailable" : error ?? "missing_token", reason), PlaygroundJson.Default.SampleRefusal, statusCode: status);
    }
}

/// <summary>What the sample API says to those it lets in; the lag is how old the guard's proof is that no revocation was missed, in milliseconds.</summary>
public sealed record SampleGreeting(string Message, string? Sub, string? Username, string? Scope, long? RevocationLag, string CheckedAt);

/// <summary>What the sample API says to everybody else, with the reason in words.</summary>
public sealed record SampleRefusal(string Error, string Reason);
