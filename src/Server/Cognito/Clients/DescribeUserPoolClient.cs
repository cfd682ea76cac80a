using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What DescribeUserPoolClient takes.</summary>
public sealed record DescribeUserPoolClientRequest([PoolId] string UserPoolId, [ClientId] string ClientId);

/// <summary>Shows an app client with its secret.</summary>
static class DescribeUserPoolClient
{
    public static readonly Operation Operation = Operation.Of<DescribeUserPoolClientRequest, UserPoolClientResponse, ClientRules>(
        nameof(DescribeUserPoolClient), Access.Iam,
        () => ClientsJson.Default.DescribeUserPoolClientRequest, () => ClientsJson.Default.UserPoolClientResponse, Handle);

    static async Task<UserPoolClientResponse> Handle(DescribeUserPoolClientRequest request, CognitoCall call, ClientRules rules) =>
        rules.Show(await Find(call, request.UserPoolId, request.ClientId));

    /// <summary>A client of this pool and no other: a key's policy names the pool.</summary>
    public static async Task<AppClient> Find(CognitoCall call, string poolId, string clientId)
    {
        var pool = await call.Pool(poolId);
        return await call.Clients.Find(clientId, call.Cancel) is { } client && client.PoolId == pool.Id
            ? client : throw new RefusedException(Refusal.ClientNotFound, clientId);
    }
}
