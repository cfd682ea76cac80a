using Poolhouse.Core.Pools;

namespace Poolhouse.Server.SignIn;

/// <summary>Where the server listens and under which names it is found.</summary>
/// <param name="PublicUrl">The root of every issuer and link, without a trailing slash; unset in dev it is http://localhost:{port}, and serve needs it.</param>
/// <param name="Listen">The addresses that serve listens on, separated by commas.</param>
/// <param name="Certificate">A PEM file with the certificate for https addresses.</param>
/// <param name="CertificateKey">The PEM file with its key.</param>
/// <param name="DomainSuffix">Under which domain prefixes are served ({prefix}.{suffix}); unset serves them at the root only.</param>
/// <param name="Hosts">Further names under which the server may be called, separated by commas.</param>
/// <param name="Proxies">Addresses or networks of reverse proxies, like 10.0.0.5, 10.1.0.0/16, whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas.</param>
/// <param name="Regions">The AWS regions that signed requests may name, separated by commas; unset allows every one.</param>
/// <param name="JsonLog">Logs one JSON object to a line, for machines, in place of text.</param>
/// <param name="DrainSeconds">How long after SIGTERM everything is still answered while /readyz says 503, so that a proxy that looks there sends nothing more.</param>
public sealed record ServerOptions(
    string? PublicUrl = null,
    string Listen = "http://127.0.0.1:9229",
    string? Certificate = null,
    string? CertificateKey = null,
    string? DomainSuffix = null,
    string? Hosts = null,
    string? Proxies = null,
    string? Regions = null,
    bool JsonLog = false,
    int DrainSeconds = 0)
{
    /// <summary>The root of every issuer and link.</summary>
    public string Root => PublicUrl ?? throw new InvalidOperationException("PublicUrl is set before anything is served.");

    /// <summary>Whether browsers reach the server by TLS: cookies are Secure then.</summary>
    public bool IsHttps => Root.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether prefix hosts are names that many clients on one machine cannot resolve.</summary>
    public bool IsLocal => DomainSuffix?.EndsWith("localhost", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The issuer of a pool. It comes from configuration, never from a Host header.</summary>
    public string IssuerOf(UserPool pool) => PoolOptions.Of(pool).AwsIssuer
        ? $"https://cognito-idp.{pool.Region}.amazonaws.com/{pool.Id}"
        : $"{Root}/{pool.Id}";

    /// <summary>The parts of a list that is one setting.</summary>
    public static string[] List(string? setting) => setting?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
