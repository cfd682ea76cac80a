using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>What DescribeResourceServer takes.</summary>
public sealed record DescribeResourceServerRequest([PoolId] string UserPoolId, [ScopeText] string Identifier);

/// <summary>Shows a resource server.</summary>
static class DescribeResourceServer
{
    public static readonly Operation Operation = Operation.Of<DescribeResourceServerRequest, ResourceServerResponse, ResourceServerStore>(
        nameof(DescribeResourceServer), Access.Iam,
        () => ResourceServersJson.Default.DescribeResourceServerRequest, () => ResourceServersJson.Default.ResourceServerResponse, Handle);

    static async Task<ResourceServerResponse> Handle(DescribeResourceServerRequest request, CognitoCall call, ResourceServerStore servers)
    {
        var pool = await call.Pool(request.UserPoolId);
        var server = await servers.Find(pool.Id, request.Identifier, call.Cancel) ?? throw ResourceServerRules.Missing(pool.Id, request.Identifier);
        return ResourceServerResponse.Of(server);
    }
}
