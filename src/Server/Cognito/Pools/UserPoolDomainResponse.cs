using System.Text.RegularExpressions;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What CreateUserPoolDomain and UpdateUserPoolDomain give.</summary>
public sealed record UserPoolDomainResponse(int? ManagedLoginVersion, string? CloudFrontDomain, Routing? Routing)
{
    /// <summary>A custom domain is served under its own name: there is no distribution in front of it.</summary>
    public static UserPoolDomainResponse Of(PoolDomain domain) =>
        new(domain.Settings.ManagedLoginVersion ?? 1, domain.Custom ? domain.Domain : null, domain.Settings.Routing);
}

/// <summary>The rules for domain names.</summary>
static partial class DomainRules
{
    static readonly string[] ReservedWords = ["aws", "amazon", "cognito"];
    static readonly PatternRule Prefix = (PatternRule)new DomainNameAttribute().Rules[1];

    /// <summary>A prefix is one label; a custom domain, which comes with a certificate, has dots.</summary>
    public static void Check(string domain, DomainSettings settings, UserPool pool)
    {
        if (settings.CustomDomainConfig is null)
        {
            if (Prefix.Violated(domain) is { } clause)
                throw CognitoException.InvalidParameter($"1 validation error detected: Value '{domain}' at 'domain' failed to satisfy constraint: {clause}");
            if (Array.Find(ReservedWords, domain.Contains) is { } word)
                throw CognitoException.InvalidParameter($"Domain cannot contain reserved word: {word}");
        }
        else if (!HostName().IsMatch(domain))
        {
            throw CognitoException.InvalidParameter("A custom domain must be a host name in lower case.");
        }
        if (settings.ManagedLoginVersion is not (null or 1 or 2)) throw CognitoException.InvalidParameter("ManagedLoginVersion must be 1 or 2.");
        if (settings.ManagedLoginVersion == 2 && pool.Settings.UserPoolTier == "LITE")
            throw new CognitoException("FeatureUnavailableInTierException", "Managed login is not available in the LITE tier.");
    }

    public static CognitoException Missing(string domain) => CognitoException.NotFound($"Domain {domain} does not exist.");

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+\z")]
    private static partial Regex HostName();
}
