using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>GET /{poolId}/.well-known/ssf-configuration, and the place that SSF 1.0 §7.2 derives from an issuer with a path.</summary>
static class MetadataEndpoint
{
    static readonly string[] Methods = [SsfUrls.Push, SsfUrls.Poll];

    // Who overlooks the session of an event ends all sessions of its user, which is too much and safe; who overlooks the application
    // of a deleted client is left with no subject at all, and must not guess.
    static readonly string[] Critical = ["application"];
    static readonly AuthorizationScheme[] Schemes = [new("urn:ietf:rfc:6749")];

    public static async Task<IResult> Handle(string poolId, PoolStore pools, ServerOptions server, SsfUrls urls, HttpContext context, CancellationToken cancel)
    {
        if (await pools.Find(poolId, cancel) is not { } pool) throw FeedException.NotFound(poolId);
        context.Response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Json(new TransmitterMetadata(
            "1_0", server.IssuerOf(pool), urls.Keys(pool.Id), Methods, urls.Endpoint(pool.Id, "streams"), urls.Endpoint(pool.Id, "status"),
            urls.Endpoint(pool.Id, "subjects/add"), urls.Endpoint(pool.Id, "subjects/remove"), urls.Endpoint(pool.Id, "verification"),
            Critical, Schemes, "ALL"), SsfJson.Default.TransmitterMetadata);
    }
}
