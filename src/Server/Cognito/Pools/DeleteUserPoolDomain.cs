using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What DeleteUserPoolDomain takes.</summary>
public sealed record DeleteUserPoolDomainRequest([Length(1, 63)] string Domain, [PoolId] string UserPoolId);

/// <summary>Takes a domain from a pool; the pool stays reachable at the server's root.</summary>
static class DeleteUserPoolDomain
{
    public static readonly Operation Operation = Operation.Of(nameof(DeleteUserPoolDomain), Access.Iam,
        () => PoolsJson.Default.DeleteUserPoolDomainRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<Nothing> Handle(DeleteUserPoolDomainRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        return await call.Database.Write(tx => DomainStore.Delete(tx, pool.Id, request.Domain)) ? Nothing.Value : throw DomainRules.Missing(request.Domain);
    }
}
