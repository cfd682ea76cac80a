using Poolhouse.Core.Pools;

namespace Poolhouse.Server.SignIn;

/// <summary>Where the server is found.</summary>
/// <param name="PublicUrl">The root of every issuer and link, without a trailing slash; http://localhost:{port} in dev.</param>
/// <param name="DomainSuffix">Under which domain prefixes are served ({prefix}.{suffix}); null serves them at the root only.</param>
/// <param name="Hosts">Further names under which the server may be called, separated by commas.</param>
/// <param name="Regions">The AWS regions that signed requests may name, separated by commas; null allows every one.</param>
public sealed record ServerOptions(string PublicUrl = "http://localhost:9229", string? DomainSuffix = null, string? Hosts = null, string? Regions = null)
{
    /// <summary>Whether browsers reach the server by TLS: cookies are Secure then.</summary>
    public bool IsHttps => PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether browsers on this machine alone reach the server: many clients there cannot resolve names under localhost.</summary>
    public bool IsLocal => DomainSuffix?.EndsWith("localhost", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The issuer of a pool. It comes from configuration, never from a Host header.</summary>
    public string IssuerOf(UserPool pool) => PoolOptions.Of(pool).AwsIssuer
        ? $"https://cognito-idp.{pool.Region}.amazonaws.com/{pool.Id}"
        : $"{PublicUrl}/{pool.Id}";
}
