using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What DescribeUserPoolDomain takes.</summary>
public sealed record DescribeUserPoolDomainRequest([Length(1, 63)] string Domain);

/// <summary>What DescribeUserPoolDomain gives.</summary>
public sealed record DescribeUserPoolDomainResponse(DomainDescription DomainDescription);

/// <summary>A domain on the wire; that of an unknown one is empty.</summary>
public sealed record DomainDescription : DomainSettings
{
    public DomainDescription() { }

    public DomainDescription(DomainSettings settings) : base(settings) { }

    public string? UserPoolId { get; init; }

    public string? AWSAccountId { get; init; }

    public string? Domain { get; init; }

    public string? CloudFrontDistribution { get; init; }

    public string? Version { get; init; }

    public string? Status { get; init; }
}

/// <summary>Shows a domain, and for a name that nobody has an empty description: clients ask so whether it is free.</summary>
static class DescribeUserPoolDomain
{
    public static readonly Operation Operation = Operation.Of<DescribeUserPoolDomainRequest, DescribeUserPoolDomainResponse, DomainStore>(
        nameof(DescribeUserPoolDomain), Access.Iam,
        () => PoolsJson.Default.DescribeUserPoolDomainRequest, () => PoolsJson.Default.DescribeUserPoolDomainResponse, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<DescribeUserPoolDomainResponse> Handle(DescribeUserPoolDomainRequest request, CognitoCall call, DomainStore domains)
    {
        if (await domains.Find(request.Domain, call.Cancel) is not { } domain) return new(new());
        return new(new(domain.Settings)
        {
            UserPoolId = domain.PoolId,
            AWSAccountId = UserPool.Account,
            Domain = domain.Domain,
            CloudFrontDistribution = domain.Custom ? domain.Domain : null,
            Version = domain.CreatedAt.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Status = "ACTIVE",
            ManagedLoginVersion = domain.Settings.ManagedLoginVersion ?? 1,
        });
    }
}
