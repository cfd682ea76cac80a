using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>
/// The session as an authentication scheme, for endpoints that the application has beside the Bff. It lets nobody in whom the gate refuses, so that such an endpoint is
/// safe from forged calls without having thought of them.
/// </summary>
sealed class BffSessionHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, SessionAccess access, CallGate gate)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    EndReason? reason;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (gate.Refusal(Request) is { } why) return AuthenticateResult.Fail(why);
        (var live, reason) = await access.Of(Context);
        if (live is null) return AuthenticateResult.NoResult();
        var identity = new ClaimsIdentity(live.State.Claims.SelectMany(Flatten), Scheme.Name, "sub", "cognito:groups");
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        gate.Refusal(Request) is { } why ? Replies.Problem(Response, StatusCodes.Status403Forbidden, "forbidden", $"Only a page of this site may call: {why}.") : Replies.Ended(Response, reason);

    static IEnumerable<Claim> Flatten(KeyValuePair<string, JsonElement> claim) => claim.Value.ValueKind == JsonValueKind.Array
        ? claim.Value.EnumerateArray().Select(one => new Claim(claim.Key, one.ToString())) : [new(claim.Key, claim.Value.ToString())];
}
