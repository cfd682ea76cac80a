using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Server.Http;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito;

/// <summary>Ids that a seed file sets; the wire has no way to fill it.</summary>
public sealed record Preset(string? Id = null, string? Secret = null);

/// <summary>What an operation's handler works with: who calls, when, and the few stores that most of them need.</summary>
public sealed class CognitoCall
{
    /// <summary>Who signed the call; null for operations that need no signature.</summary>
    public Caller? Caller { get; init; }

    /// <summary>The caller's address, for throttles.</summary>
    public IPAddress? Address { get; init; }

    public required CancellationToken Cancel { get; init; }

    public required Database Database { get; init; }

    public required PoolStore Pools { get; init; }

    public required ClientStore Clients { get; init; }

    /// <summary>Ids for what this call creates; only the seed runner fills it.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long Now => Database.Now;

    /// <summary>The pool, or the refusal that it does not exist.</summary>
    public async Task<UserPool> Pool(string id) =>
        await Pools.Find(id, Cancel) ?? throw new RefusedException(Refusal.PoolNotFound, id);

    /// <summary>The client and its pool, or the refusal that the client does not exist.</summary>
    public async Task<(UserPool Pool, AppClient Client)> Client(string clientId)
    {
        var client = await Clients.Find(clientId, Cancel) ?? throw new RefusedException(Refusal.ClientNotFound, clientId);
        return (await Pool(client.PoolId), client);
    }
}
