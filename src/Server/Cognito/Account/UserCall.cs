using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What every call takes that names a user through an app client, without a token.</summary>
public abstract record UserCall : CallMetadata
{
    [ClientId]
    public string ClientId { get; init; } = null!;

    [Username]
    public string Username { get; init; } = null!;

    [SecretHash]
    public string? SecretHash { get; init; }

    [Sensitive]
    public UserContextData? UserContextData { get; init; }

    /// <summary>The client, which has proven itself with its SECRET_HASH if it has a secret, and its pool.</summary>
    public async Task<(UserPool Pool, AppClient Client)> Proven(CognitoCall call)
    {
        var (pool, client) = await call.Client(ClientId);
        ClientProof.CheckSecretHash(client, SecretHash, Username);
        return (pool, client);
    }
}
