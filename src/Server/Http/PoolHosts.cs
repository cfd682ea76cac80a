using Poolhouse.Storage;

namespace Poolhouse.Server.Http;

/// <summary>Which pool a host name stands for: <c>{prefix}.{DomainSuffix}</c> serves the clients of that pool only.</summary>
public sealed class PoolHosts(DomainStore domains, string? domainSuffix)
{
    /// <summary>The pool of the domain that a request was sent to; null for the server's root, which serves every pool.</summary>
    public async ValueTask<string?> PoolOf(HttpRequest request, CancellationToken cancel)
    {
        if (Prefix(request.Host.Host) is not { } prefix) return null;
        var domain = await domains.Find(prefix, cancel);
        return domain?.PoolId ?? throw new PageException(404, "There is nothing here", "No user pool has this domain.");
    }

    string? Prefix(string host) =>
        domainSuffix is not null && host.EndsWith("." + domainSuffix, StringComparison.OrdinalIgnoreCase)
            ? host[..^(domainSuffix.Length + 1)].ToLowerInvariant() : null;
}
