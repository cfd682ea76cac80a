using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What DescribeUserPool takes.</summary>
public sealed record DescribeUserPoolRequest([PoolId] string UserPoolId);

/// <summary>Shows a pool with every setting and default.</summary>
static class DescribeUserPool
{
    public static readonly Operation Operation = Operation.Of<DescribeUserPoolRequest, UserPoolResponse, DomainStore, UserStore>(
        nameof(DescribeUserPool), Access.Iam,
        () => PoolsJson.Default.DescribeUserPoolRequest, () => PoolsJson.Default.UserPoolResponse, Handle);

    static async Task<UserPoolResponse> Handle(DescribeUserPoolRequest request, CognitoCall call, DomainStore domains, UserStore users)
    {
        var pool = await call.Pool(request.UserPoolId);
        return UserPoolResponse.Of(pool, await domains.OfPool(pool.Id, call.Cancel), await users.Count(pool.Id, call.Cancel));
    }
}
