using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What UpdateUserPoolDomain takes: all settings; what is left out returns to its default.</summary>
public sealed record UpdateUserPoolDomainRequest([Length(1, 63)] string Domain, [PoolId] string UserPoolId) : DomainSettings;

/// <summary>Replaces the settings of a domain.</summary>
static class UpdateUserPoolDomain
{
    public static readonly Operation Operation = Operation.Of<UpdateUserPoolDomainRequest, UserPoolDomainResponse, DomainStore>(
        nameof(UpdateUserPoolDomain), Access.Iam,
        () => PoolsJson.Default.UpdateUserPoolDomainRequest, () => PoolsJson.Default.UserPoolDomainResponse, Handle);

    static async Task<UserPoolDomainResponse> Handle(UpdateUserPoolDomainRequest request, CognitoCall call, DomainStore domains)
    {
        var pool = await call.Pool(request.UserPoolId);
        var domain = await domains.Find(request.Domain, call.Cancel) is { } found && found.PoolId == pool.Id ? found : throw DomainRules.Missing(request.Domain);
        if (domain.Custom != request.CustomDomainConfig is not null)
            throw CognitoException.InvalidParameter("CustomDomainConfig goes with a custom domain, and with no prefix.");
        DomainRules.Check(request.Domain, request, pool);
        return await call.Database.Write(tx => DomainStore.Replace(tx, pool.Id, domain.Domain, request))
            ? UserPoolDomainResponse.Of(domain with { Settings = request })
            : throw DomainRules.Missing(domain.Domain);
    }
}
