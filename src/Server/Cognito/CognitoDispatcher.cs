using System.Net;
using Poolhouse.Core;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito;

/// <summary>Where a call comes from.</summary>
public sealed record CallOrigin(Caller? Caller, IPAddress? Address = null, Preset? Preset = null);

/// <summary>The reply to a call: a body, or an error and its status.</summary>
public sealed record CognitoReply(int Status, byte[] Body, WireError? Error = null);

/// <summary>Runs an operation and turns whatever comes of it into a reply; HTTP and the seed runner both come through here.</summary>
public sealed class CognitoDispatcher(Database database, PoolStore pools, ClientStore clients, Audit audit, IServiceProvider services, ILogger<CognitoDispatcher> log)
{
    /// <summary>Runs one operation, and records it if it changes something.</summary>
    public async Task<CognitoReply> Run(Operation operation, ReadOnlyMemory<byte> body, CallOrigin origin, string requestId, CancellationToken cancel)
    {
        if (Cause.Current is { } cause) cause.Actor = origin.Caller?.KeyId;
        var reply = await Reply(operation, body, origin, requestId, cancel);
        if (ActRecord.Concerns(operation)) await audit.Acted(ActRecord.Of(operation, body, reply), byAdmin: origin.Caller is not null);
        return reply;
    }

    async Task<CognitoReply> Reply(Operation operation, ReadOnlyMemory<byte> body, CallOrigin origin, string requestId, CancellationToken cancel)
    {
        var call = new CognitoCall
        {
            Caller = origin.Caller, Address = origin.Address, Preset = origin.Preset, Cancel = cancel,
            Database = database, Pools = pools, Clients = clients,
        };
        try
        {
            return new(200, await operation.Run(body, call, services));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            return Refuse(operation, e, requestId);
        }
    }

    /// <summary>Runs one call of a seed file, which may choose ids; null, or what was wrong with it.</summary>
    public async Task<string?> Seed(string operation, string region, ReadOnlyMemory<byte> body, string? id, string? secret, CancellationToken cancel)
    {
        if (!Operations.Table.TryGetValue(operation, out var found)) return "this is no operation that is built";
        var reply = await Run(found, body, new(Caller.Seed(region), null, new(id, secret)), "seed", cancel);
        return reply.Error is { } error ? $"{error.Type}: {error.Message}" : null;
    }

    /// <summary>The reply for something that went wrong before or in an operation; what is not a refusal is a fault of ours.</summary>
    public CognitoReply Refuse(Operation? operation, Exception e, string requestId)
    {
        switch (e)
        {
            case CognitoException own: return Error(operation, 400, new(own.Type, own.Message));
            case RefusedException refused: return Error(operation, 400, CognitoErrors.Of(refused.Reason, refused.Detail));
            case SignatureException signature: return Error(operation, 400, CognitoErrors.Of(signature.Fault, signature.Detail));
            case StorageUnavailableException:
                log.LogError(e, "The database cannot serve {Operation} ({RequestId})", operation?.Name, requestId);
                return Error(operation, 503, new("ServiceUnavailableException", "The service is unavailable, try again later."));
            default:
                log.LogError(e, "{Operation} failed ({RequestId})", operation?.Name, requestId);
                return Error(operation, 500, new("InternalErrorException", $"Something went wrong on the server; its log has the details under {requestId}."));
        }
    }

    /// <summary>An error reply, under the type that the operation lists for it.</summary>
    public static CognitoReply Error(Operation? operation, int status, WireError error)
    {
        var listed = error with { Type = operation?.ErrorType(error.Type) ?? error.Type };
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new(listed.Type, listed.Message), ProtocolJson.Default.ErrorBody);
        return new(status, body, listed);
    }
}
