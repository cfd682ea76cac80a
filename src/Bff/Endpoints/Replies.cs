using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Poolhouse.Bff.Refreshing;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>GET /bff/session of somebody who is signed in. <c>expiresIn</c> is seconds until the session ends if nothing is called any more.</summary>
sealed record SignedInReply(bool SignedIn, Dictionary<string, JsonElement> Claims, long ExpiresIn);

/// <summary>GET /bff/session of somebody who is not; the reason is null where none is known.</summary>
sealed record SignedOutReply(bool SignedIn, string? Reason);

/// <summary>POST /bff/token: the access token and its life in seconds.</summary>
sealed record TokenReply(string AccessToken, long ExpiresIn);

/// <summary>401: there is no session, or no longer.</summary>
sealed record EndedReply(string? Reason);

/// <summary>Any other refusal, in words for a developer.</summary>
sealed record ProblemReply(string Error, string Message);

/// <summary>Writes the replies that calls get, always JSON and never stored.</summary>
static class Replies
{
    public static Task Session(HttpResponse response, SessionVault vault, SessionState state)
    {
        BffPages.Harden(response);
        return response.WriteAsJsonAsync(new SignedInReply(true, state.Claims, Math.Max(0, (vault.EndsAt(state) - vault.Now) / 1000)), RepliesJson.Default.SignedInReply);
    }

    public static Task NoSession(HttpResponse response, EndReason? reason)
    {
        BffPages.Harden(response);
        return response.WriteAsJsonAsync(new SignedOutReply(false, reason?.Wire()), RepliesJson.Default.SignedOutReply);
    }

    public static Task Token(HttpResponse response, TokenAnswer answer, long now)
    {
        BffPages.Harden(response);
        return response.WriteAsJsonAsync(new TokenReply(answer.Access!, Math.Max(0, (answer.ExpiresAt - now) / 1000)), RepliesJson.Default.TokenReply);
    }

    public static Task Ended(HttpResponse response, EndReason? reason)
    {
        BffPages.Harden(response);
        response.StatusCode = StatusCodes.Status401Unauthorized;
        return response.WriteAsJsonAsync(new EndedReply(reason?.Wire()), RepliesJson.Default.EndedReply);
    }

    /// <summary>503: nothing is said of the session, and the same call may pass in a moment. Spread out, or all callers come back at once.</summary>
    public static Task Away(HttpResponse response, TimeSpan retryAfter)
    {
        response.Headers.RetryAfter = ((int)Math.Ceiling(retryAfter.TotalSeconds) + RandomNumberGenerator.GetInt32(3)).ToString(CultureInfo.InvariantCulture);
        return Problem(response, StatusCodes.Status503ServiceUnavailable, "unavailable", "The session lives; whoever refreshes it cannot be reached at the moment.");
    }

    public static Task Problem(HttpResponse response, int status, string error, string message)
    {
        BffPages.Harden(response);
        response.StatusCode = status;
        return response.WriteAsJsonAsync(new ProblemReply(error, message), RepliesJson.Default.ProblemReply);
    }
}

/// <summary>The JSON of the replies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SignedInReply))]
[JsonSerializable(typeof(SignedOutReply))]
[JsonSerializable(typeof(TokenReply))]
[JsonSerializable(typeof(EndedReply))]
[JsonSerializable(typeof(ProblemReply))]
sealed partial class RepliesJson : JsonSerializerContext;
