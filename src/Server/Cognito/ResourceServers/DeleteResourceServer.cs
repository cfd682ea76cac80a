using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>What DeleteResourceServer takes.</summary>
public sealed record DeleteResourceServerRequest([PoolId] string UserPoolId, [ScopeText] string Identifier);

/// <summary>Removes a resource server with its scopes; clients keep listing them, and nothing grants them any more.</summary>
static class DeleteResourceServer
{
    public static readonly Operation Operation = Operation.Of(nameof(DeleteResourceServer), Access.Iam,
        () => ResourceServersJson.Default.DeleteResourceServerRequest, Handle);

    static async Task Handle(DeleteResourceServerRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        if (!await call.Database.Write(tx => ResourceServerStore.Delete(tx, pool.Id, request.Identifier)))
            throw ResourceServerRules.Missing(pool.Id, request.Identifier);
    }
}
