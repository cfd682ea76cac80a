using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>A name under which the hosted pages of one pool answer: a prefix, or a whole domain of the operator's.</summary>
public sealed record PoolDomain(string Domain, string PoolId, bool Custom, DomainSettings Settings, long CreatedAt);

/// <summary>What UpdateUserPoolDomain replaces.</summary>
public record DomainSettings
{
    public int? ManagedLoginVersion { get; init; }

    public CustomDomainConfig? CustomDomainConfig { get; init; }

    public Routing? Routing { get; init; }
}

/// <summary>The certificate of a custom domain; stored and shown, TLS is the operator's.</summary>
public sealed record CustomDomainConfig(
    [Arn] string CertificateArn,
    [OneOf("TLS_V1", "TLS_V1_2_2021", "TLS_V1_3_2025")] string? SecurityPolicy = null);

/// <summary>Where a domain answers if its region fails; stored and shown.</summary>
public sealed record Routing(Failover? Failover = null);

/// <summary>The other region of a domain.</summary>
public sealed record Failover([Length(5, 32)] string SecondaryRegion, [Length(0, 64)] string PrimaryRoute53HealthCheckId);
