using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Server.Http;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// Reads authorization requests, for /oauth2/authorize and for the hosted pages, which carry the same query along. Client and
/// redirect URI come first: until both are known to be good nothing is sent to the caller's URI.
/// </summary>
public sealed class AuthorizationRequests(PoolStore pools, ClientStore clients, ResourceServerStore resourceServers, SignInOptions options)
{
    static readonly string[] OpenIdScopes = ["email", "phone", "profile"];

    static readonly System.Buffers.SearchValues<char> Base64Url =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads and checks a request.</summary>
    /// <param name="query">The query string's parameters.</param>
    /// <param name="poolOfHost">The pool of the domain that was called, or null for the server's root.</param>
    /// <param name="cancel">Cancels the reads.</param>
    public async Task<AuthorizationRequest> Read(IQueryCollection query, string? poolOfHost, CancellationToken cancel)
    {
        var client = await Client(Single(query, "client_id"), poolOfHost, cancel);
        var pool = await pools.Find(client.PoolId, cancel) ?? throw UnknownClient();
        var redirectUri = RedirectUri(client, Single(query, "redirect_uri"));
        var inFragment = query["response_type"] == "token";
        var state = query["state"] is [{ Length: > 0 } single] ? single : null;

        AuthorizationRefusedException Refused(string error, string? description = null) => new(error, redirectUri, state, inFragment, description) { Pool = pool };
        string? Value(string name) => query[name] switch
        {
            [] => null,
            // RFC 6749 §3.1: empty equals absent, and a parameter may come once.
            [var value] => string.IsNullOrEmpty(value) ? null : value,
            _ => throw Refused("invalid_request", $"The parameter {name} came more than once."),
        };
        foreach (var name in query.Keys) Value(name);

        if (Value("request") is not null) throw Refused("request_not_supported");
        if (Value("request_uri") is not null) throw Refused("request_uri_not_supported");
        var responseType = Value("response_type") ?? throw Refused("invalid_request", "The parameter response_type is missing.");
        if (responseType is not ("code" or "token")) throw Refused("unsupported_response_type");
        if (!client.AllowsGrant(responseType == "token" ? "implicit" : "code")) throw Refused("unauthorized_client");

        var challenge = Value("code_challenge");
        if (ChallengeFault(client, responseType, challenge, Value("code_challenge_method")) is { } fault) throw Refused("invalid_request", fault);
        var scopes = await Scopes(pool, client, Value("scope"), cancel) ?? throw Refused("invalid_scope");
        var prompt = Value("prompt")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (prompt.Contains("none") && prompt.Length > 1) throw Refused("invalid_request", "prompt=none goes with no other value.");
        if (Value("resource") is { } resource && !IsResource(resource)) throw Refused("invalid_target");
        if (Value("idp_identifier") is not null || Value("identity_provider") is not (null or "COGNITO"))
            throw Refused("invalid_request", "This server has no identity providers beside the pool itself yet.");
        return new(pool, client, responseType, redirectUri, state, scopes, challenge, Value("nonce"), Value("resource"), prompt, Value("login_hint"));
    }

    /// <summary>The client that a browser's request names, or the page that says there is none.</summary>
    public async Task<AppClient> Client(string? clientId, string? poolOfHost, CancellationToken cancel)
    {
        var client = clientId is null ? null : await clients.Find(clientId, cancel);
        return client is null || (poolOfHost is not null && client.PoolId != poolOfHost) ? throw UnknownClient() : client;
    }

    // A parameter that decides where the browser goes must not be ambiguous; until it is known there is nowhere to send an error.
    static string? Single(IQueryCollection query, string name) => query[name] switch
    {
        [] or [null or ""] => null,
        [var value] => value,
        _ => throw new PageException(400, "This sign-in link does not work", $"The parameter {name} came more than once."),
    };

    static PageException UnknownClient() => new(400, "This sign-in link does not work", "No app client has this client_id.");

    static string RedirectUri(AppClient client, string? given)
    {
        if (given is null)
            return client.DefaultRedirectUri ?? (client.CallbackUrls is [var only] ? only : throw new PageException(
                400, "This sign-in link does not work", "Required String parameter 'redirect_uri' is not present"));
        // Ordinal equality with a registered URI, and nothing cleverer: every normalization has been a hole somewhere.
        return client.CallbackUrls.Contains(given, StringComparer.Ordinal) ? given : throw new PageException(
            400, "This sign-in link does not work", "The redirect_uri is not among the callback URLs of this app client; they are compared letter by letter.");
    }

    string? ChallengeFault(AppClient client, string responseType, string? challenge, string? method)
    {
        if (challenge is null != method is null) return "code_challenge and code_challenge_method go together.";
        if (challenge is null)
            return responseType == "code" && !client.IsConfidential && options.RequirePkce ? "A public client must send a code_challenge." : null;
        if (method != "S256") return "The code_challenge_method must be S256.";
        return challenge.Length == 43 && !challenge.AsSpan().ContainsAnyExcept(Base64Url) ? null : "A code_challenge has 43 characters of base64url.";
    }

    async Task<string?> Scopes(UserPool pool, AppClient client, string? asked, CancellationToken cancel)
    {
        var scopes = asked?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList() ?? [.. client.AllowedScopes];
        if (scopes.Count == 0 || scopes.Any(scope => !client.AllowedScopes.Contains(scope, StringComparer.Ordinal))) return null;
        if (asked is not null && scopes.Any(OpenIdScopes.Contains) && !scopes.Contains("openid")) return null;
        if (scopes.Any(scope => scope.Contains('/', StringComparison.Ordinal)))
        {
            // A scope whose resource server has lost it is silently not granted, and comes back with it.
            var existing = await resourceServers.Scopes(pool.Id, cancel);
            scopes.RemoveAll(scope => scope.Contains('/', StringComparison.Ordinal) && !existing.Contains(scope));
        }
        return string.Join(' ', scopes);
    }

    static bool IsResource(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Fragment.Length == 0
        && (uri.Scheme == "https" || uri.Scheme is not ("http" or "file" or "javascript" or "data") || (uri.Scheme == "http" && uri.Host == "localhost"));
}
