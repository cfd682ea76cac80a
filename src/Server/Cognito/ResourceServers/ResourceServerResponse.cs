using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>A resource server, as three operations answer it.</summary>
public sealed record ResourceServerResponse(ResourceServerDescription ResourceServer)
{
    public static ResourceServerResponse Of(ResourceServer server) => new(ResourceServerDescription.Of(server));
}

/// <summary>A resource server on the wire.</summary>
public sealed record ResourceServerDescription(string UserPoolId, string Identifier, string Name, IReadOnlyList<ResourceServerScope> Scopes)
{
    public static ResourceServerDescription Of(ResourceServer server) => new(server.PoolId, server.Identifier, server.Name, server.Scopes);
}

/// <summary>The rules that hold for every resource server, and the words for those that are not there.</summary>
static class ResourceServerRules
{
    /// <summary>The checks that no single member's constraint can make.</summary>
    public static void Check(string identifier, IReadOnlyList<ResourceServerScope> scopes)
    {
        if (identifier == ResourceServer.Reserved)
            throw CognitoException.InvalidParameter($"The identifier {ResourceServer.Reserved} is reserved.");
        if (scopes.GroupBy(scope => scope.ScopeName, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw CognitoException.InvalidParameter($"The scope {twice.Key} is defined more than once.");
    }

    public static CognitoException Missing(string poolId, string identifier) =>
        CognitoException.NotFound($"Resource server {identifier} does not exist in user pool {poolId}.");
}
