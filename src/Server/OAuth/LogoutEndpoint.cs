using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;
using Poolhouse.Tokens;

namespace Poolhouse.Server.OAuth;

/// <summary>
/// GET /logout: ends the browser's session at the hosted pages. Cognito's parameters (client_id with logout_uri, or with
/// redirect_uri to sign in again) and those of OpenID Connect RP-Initiated Logout. Tokens live on: revoke them.
/// </summary>
static class LogoutEndpoint
{
    public static async Task<IResult> Handle(
        HttpContext context, AuthorizationRequests requests, BrowserSessions browsers, LogoutHints hints, PoolHosts hosts, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-store";
        var query = context.Request.Query;
        var hinted = await hints.Client(Value(query, "id_token_hint"), cancel);
        var clientId = Value(query, "client_id") ?? hinted?.Id;
        var client = await requests.Client(clientId, await hosts.PoolOf(context.Request, cancel), cancel);
        if (hinted is not null && hinted.Id != client.Id) throw Refused("The id_token_hint is another client's.");

        var leave = Value(query, "logout_uri") ?? Value(query, "post_logout_redirect_uri");
        if (leave is not null && !client.LogoutUrls.Contains(leave, StringComparer.Ordinal))
            throw Refused("The logout_uri is not among the sign-out URLs of this app client; they are compared letter by letter.");
        await browsers.End(context, client.PoolId);

        if (Value(query, "logout_uri") is not null) return TypedResults.Redirect(AuthorizationReply.Url(leave!, false));
        // OpenID Connect RP-Initiated Logout §3 returns the state; Cognito's own form appends nothing.
        if (leave is not null) return TypedResults.Redirect(AuthorizationReply.Url(leave, false, ("state", Value(query, "state"))));
        return Value(query, "redirect_uri") is not null
            ? TypedResults.Redirect("/login" + context.Request.QueryString)
            : TypedResults.Redirect("/signedout");
    }

    static string? Value(IQueryCollection query, string name) => query[name] switch
    {
        [] or [null or ""] => null,
        [var value] => value,
        _ => throw Refused($"The parameter {name} came more than once."),
    };

    static PageException Refused(string message) => new(400, "This sign-out link does not work", message);
}

/// <summary>Reads id_token_hint, which may have expired but must be ours (RP-Initiated Logout §4).</summary>
sealed class LogoutHints(PoolStore pools, ClientStore clients, SigningKeyStore keys)
{
    /// <summary>The client that the hint was issued to; null without a hint, or when the key that signed it is gone, as if there were none. A forged one is refused.</summary>
    public async Task<AppClient?> Client(string? hint, CancellationToken cancel)
    {
        if (hint is null) return null;
        if (Jwt.TryRead(hint, out var jwt) && jwt.Text(ClaimNames.Audience) is { } clientId && jwt.Text(ClaimNames.TokenUse) == "id"
            && await clients.Find(clientId, cancel) is { } client && await pools.Find(client.PoolId, cancel) is { } pool)
        {
            // After a rotation a browser may still hold an ID token of long ago: it proves nothing then, and must not keep anybody from signing out.
            if (await keys.Find(pool.Id, jwt.Kid) is not { } key) return null;
            if (key.Use == KeyUse.Id && jwt.Algorithm == "RS256" && key.Verify(jwt.Signed.Span, jwt.Signature.Span)) return client;
        }
        throw new PageException(400, "This sign-out link does not work", "The id_token_hint is not a token of ours.");
    }
}
