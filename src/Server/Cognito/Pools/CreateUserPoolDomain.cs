using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What CreateUserPoolDomain takes.</summary>
public sealed record CreateUserPoolDomainRequest([Length(1, 63)] string Domain, [PoolId] string UserPoolId) : DomainSettings;

/// <summary>Gives a pool a prefix, or a domain of the operator's; a name belongs to one pool of the whole server.</summary>
static class CreateUserPoolDomain
{
    public static readonly Operation Operation = Operation.Of<CreateUserPoolDomainRequest, UserPoolDomainResponse, DomainStore>(
        nameof(CreateUserPoolDomain), Access.Iam,
        () => PoolsJson.Default.CreateUserPoolDomainRequest, () => PoolsJson.Default.UserPoolDomainResponse, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<UserPoolDomainResponse> Handle(CreateUserPoolDomainRequest request, CognitoCall call, DomainStore domains)
    {
        var pool = await call.Pool(request.UserPoolId);
        DomainRules.Check(request.Domain, request, pool);
        var domain = new PoolDomain(request.Domain, pool.Id, request.CustomDomainConfig is not null, request, call.Now);
        if (await call.Database.Write(tx => DomainStore.Create(tx, domain))) return UserPoolDomainResponse.Of(domain);
        throw CognitoException.InvalidParameter(await domains.Find(domain.Domain, call.Cancel) is null
            ? "The user pool has a domain configured already." : "Domain already associated with another user pool.");
    }
}
