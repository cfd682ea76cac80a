using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>What CreateResourceServer takes.</summary>
public sealed record CreateResourceServerRequest(
    [PoolId] string UserPoolId,
    [ScopeText] string Identifier,
    [DisplayName(256)] string Name,
    [Length(0, 100)] IReadOnlyList<ResourceServerScope>? Scopes = null);

/// <summary>Adds an API and its scopes to a pool.</summary>
static class CreateResourceServer
{
    public static readonly Operation Operation = Operation.Of(nameof(CreateResourceServer), Access.Iam,
        () => ResourceServersJson.Default.CreateResourceServerRequest, () => ResourceServersJson.Default.ResourceServerResponse, Handle);

    static async Task<ResourceServerResponse> Handle(CreateResourceServerRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        var server = new ResourceServer(pool.Id, request.Identifier, request.Name, request.Scopes ?? []);
        ResourceServerRules.Check(server.Identifier, server.Scopes);
        return await call.Database.Write(tx => ResourceServerStore.Create(tx, server))
            ? ResourceServerResponse.Of(server)
            : throw CognitoException.InvalidParameter($"{server.Identifier} already exists in user pool {pool.Id}.");
    }
}
