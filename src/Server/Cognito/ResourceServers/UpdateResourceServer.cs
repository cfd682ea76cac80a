using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>What UpdateResourceServer takes.</summary>
public sealed record UpdateResourceServerRequest(
    [PoolId] string UserPoolId,
    [ScopeText] string Identifier,
    [DisplayName(256)] string Name,
    [Length(0, 100)] IReadOnlyList<ResourceServerScope>? Scopes = null);

/// <summary>Replaces the name and all scopes of a resource server.</summary>
static class UpdateResourceServer
{
    public static readonly Operation Operation = Operation.Of(nameof(UpdateResourceServer), Access.Iam,
        () => ResourceServersJson.Default.UpdateResourceServerRequest, () => ResourceServersJson.Default.ResourceServerResponse, Handle);

    static async Task<ResourceServerResponse> Handle(UpdateResourceServerRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        var server = new ResourceServer(pool.Id, request.Identifier, request.Name, request.Scopes ?? []);
        ResourceServerRules.Check(server.Identifier, server.Scopes);
        return await call.Database.Write(tx => ResourceServerStore.Replace(tx, server))
            ? ResourceServerResponse.Of(server)
            : throw ResourceServerRules.Missing(pool.Id, server.Identifier);
    }
}
