using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.OAuth;

/// <summary>The discovery document of a pool (OpenID Connect Discovery §3). Every URL comes from configuration, never from the Host header.</summary>
public sealed record DiscoveryDocument(
    string Issuer, string JwksUri, string AuthorizationEndpoint, string TokenEndpoint, string UserinfoEndpoint, string RevocationEndpoint,
    string IntrospectionEndpoint, string EndSessionEndpoint, string[] IdTokenSigningAlgValuesSupported, string[] ResponseTypesSupported,
    string[] ScopesSupported, string[] SubjectTypesSupported, string[] TokenEndpointAuthMethodsSupported, string[] CodeChallengeMethodsSupported,
    string[] GrantTypesSupported, bool AuthorizationResponseIssParameterSupported);

/// <summary>A public key as JWKS shows it (RFC 7517).</summary>
public sealed record PublicKey(string Alg, string E, string Kid, string Kty, string N, string Use)
{
    /// <summary>The public half of a signing key.</summary>
    public static PublicKey Of(SigningKey key) => new("RS256", key.Exponent, key.Kid, "RSA", key.Modulus, "sig");
}

/// <summary>The keys of a pool: pairs of which one key signs ID tokens and the other access tokens.</summary>
public sealed record KeySet(PublicKey[] Keys);

/// <summary>What the issuer's host says of a pool that it does not have, in the JSON API's words.</summary>
public sealed record MissingPool(string Message);

/// <summary>GET /{poolId}/.well-known/…</summary>
static class DiscoveryEndpoints
{
    static readonly string[] Challenges = ["S256"];
    static readonly string[] Grants = ["authorization_code", "implicit", "refresh_token", "client_credentials"];

    public static async Task<IResult> Configuration(string poolId, PoolStore pools, DomainStore domains, ServerOptions server, HttpContext context, CancellationToken cancel)
    {
        if (await pools.Find(poolId, cancel) is not { } pool) return NotFound(poolId);
        var domain = await Domain(pool, domains, server, cancel);
        context.Response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Json(new DiscoveryDocument(
            server.IssuerOf(pool), $"{server.Root}/{pool.Id}/.well-known/jwks.json",
            $"{domain}/oauth2/authorize", $"{domain}/oauth2/token", $"{domain}/oauth2/userInfo", $"{domain}/oauth2/revoke",
            $"{domain}/oauth2/introspect", $"{domain}/logout",
            ["RS256"], ["code", "token"], ["openid", "email", "phone", "profile"], ["public"],
            ["client_secret_basic", "client_secret_post"], Challenges, Grants, true), OAuthJson.Default.DiscoveryDocument);
    }

    public static async Task<IResult> Keys(string poolId, PoolStore pools, SigningKeyStore keys, HttpContext context, CancellationToken cancel)
    {
        if (await pools.Find(poolId, cancel) is not { } pool) return NotFound(poolId);
        var published = (await keys.Of(pool.Id)).Published(keys.Now);
        // Much less than the 24 hours by which a key is published before it signs: no cache may miss it.
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return TypedResults.Json(new KeySet([.. published.SelectMany(pair => (PublicKey[])[PublicKey.Of(pair.Id), PublicKey.Of(pair.Access)])]), OAuthJson.Default.KeySet);
    }

    // The root of PublicUrl serves every pool; a prefix host is named only where the operator has given one that clients can resolve.
    static async Task<string> Domain(UserPool pool, DomainStore domains, ServerOptions server, CancellationToken cancel)
    {
        if (server.DomainSuffix is null || server.IsLocal) return server.Root;
        var domain = (await domains.OfPool(pool.Id, cancel)).FirstOrDefault();
        return domain is null ? server.Root : $"{new Uri(server.Root).Scheme}://{domain.Domain}.{server.DomainSuffix}";
    }

    static IResult NotFound(string poolId) =>
        TypedResults.Json(new MissingPool($"User pool {poolId} does not exist."), OAuthJson.Default.MissingPool, statusCode: 404);
}
