using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito;

/// <summary>What a call must bring along.</summary>
public enum Access
{
    /// <summary>Nothing.</summary>
    Unsigned,

    /// <summary>An access token in its body, which the handler checks.</summary>
    AccessToken,

    /// <summary>A signature.</summary>
    Iam,
}

/// <summary>
/// One operation of the API: its name, who may call it, the records that it takes and gives, and the handler. The
/// metadata comes as functions, so that building the table of all operations touches no JSON context.
/// </summary>
public sealed class Operation
{
    readonly Lazy<ConstraintCheck> constraints;
    readonly Lazy<JsonPropertyInfo?> poolMember;
    readonly Func<object, CognitoCall, IServiceProvider, Task<object?>> handle;
    readonly Dictionary<string, string> renamed = new(StringComparer.Ordinal);

    Operation(string name, Access access, Func<JsonTypeInfo> request, Func<JsonTypeInfo>? response,
        Func<object, CognitoCall, IServiceProvider, Task<object?>> handle)
    {
        (Name, Access, Request, Response, this.handle) = (name, access, request, response, handle);
        constraints = new(() => new(request()));
        poolMember = new(() => request().Properties.FirstOrDefault(member => member.Name is "UserPoolId" or "ResourceArn"));
    }

    /// <summary>The name in X-Amz-Target.</summary>
    public string Name { get; }

    public Access Access { get; }

    /// <summary>The request record.</summary>
    public Func<JsonTypeInfo> Request { get; }

    /// <summary>The response record; null where the model has no output and the body stays empty.</summary>
    public Func<JsonTypeInfo>? Response { get; }

    /// <summary>The declared constraints.</summary>
    public ConstraintCheck Constraints => constraints.Value;

    /// <summary>An operation with a response.</summary>
    public static Operation Of<TRequest, TResponse>(string name, Access access, Func<JsonTypeInfo<TRequest>> request,
        Func<JsonTypeInfo<TResponse>> response, Func<TRequest, CognitoCall, Task<TResponse>> handle) where TRequest : class =>
        new(name, access, request, response, async (asked, call, _) => await handle((TRequest)asked, call));

    /// <summary>An operation with a response whose handler takes a service.</summary>
    public static Operation Of<TRequest, TResponse, TService>(string name, Access access, Func<JsonTypeInfo<TRequest>> request,
        Func<JsonTypeInfo<TResponse>> response, Func<TRequest, CognitoCall, TService, Task<TResponse>> handle)
        where TRequest : class where TService : notnull =>
        new(name, access, request, response, async (asked, call, services) =>
            await handle((TRequest)asked, call, services.GetRequiredService<TService>()));

    /// <summary>An operation with a response whose handler takes two services.</summary>
    public static Operation Of<TRequest, TResponse, TService, TOther>(string name, Access access, Func<JsonTypeInfo<TRequest>> request,
        Func<JsonTypeInfo<TResponse>> response, Func<TRequest, CognitoCall, TService, TOther, Task<TResponse>> handle)
        where TRequest : class where TService : notnull where TOther : notnull =>
        new(name, access, request, response, async (asked, call, services) =>
            await handle((TRequest)asked, call, services.GetRequiredService<TService>(), services.GetRequiredService<TOther>()));

    /// <summary>An operation that the model gives no output.</summary>
    public static Operation Of<TRequest>(string name, Access access, Func<JsonTypeInfo<TRequest>> request,
        Func<TRequest, CognitoCall, Task> handle) where TRequest : class =>
        new(name, access, request, null, async (asked, call, _) => { await handle((TRequest)asked, call); return null; });

    /// <summary>An operation without output whose handler takes a service.</summary>
    public static Operation Of<TRequest, TService>(string name, Access access, Func<JsonTypeInfo<TRequest>> request,
        Func<TRequest, CognitoCall, TService, Task> handle) where TRequest : class where TService : notnull =>
        new(name, access, request, null, async (asked, call, services) =>
        {
            await handle((TRequest)asked, call, services.GetRequiredService<TService>());
            return null;
        });

    /// <summary>An operation without output whose handler takes two services.</summary>
    public static Operation Of<TRequest, TService, TOther>(string name, Access access, Func<JsonTypeInfo<TRequest>> request,
        Func<TRequest, CognitoCall, TService, TOther, Task> handle) where TRequest : class where TService : notnull where TOther : notnull =>
        new(name, access, request, null, async (asked, call, services) =>
        {
            await handle((TRequest)asked, call, services.GetRequiredService<TService>(), services.GetRequiredService<TOther>());
            return null;
        });

    /// <summary>
    /// Answers another error where the model does not list the usual one for this operation: SDKs know only the listed types.
    /// </summary>
    public Operation Renaming(string usual, string listed)
    {
        renamed.Add(usual, listed);
        return this;
    }

    /// <summary>The error type that this operation answers for a usual one.</summary>
    public string ErrorType(string usual) => renamed.GetValueOrDefault(usual, usual);

    /// <summary>Parses, checks, authorises and runs a call; returns the body of the reply.</summary>
    internal async Task<byte[]> Run(ReadOnlyMemory<byte> body, CognitoCall call, IServiceProvider services)
    {
        var request = CognitoJson.Read(body, Request());
        if (Constraints.Violations(request) is { } violations) throw CognitoException.InvalidParameter(violations);
        if (Access == Access.Iam) Authorise(request, call);
        var response = await handle(request, call, services);
        return Response is null ? [] : JsonSerializer.SerializeToUtf8Bytes(response, Response());
    }

    void Authorise(object request, CognitoCall call)
    {
        var pool = poolMember.Value?.Get!(request) is string named ? UserPool.IdOf(named) : null;
        if (!call.Caller!.Policy.Allows(Name, pool)) throw CognitoException.AccessDenied(call.Caller.KeyId, Name, pool);
    }
}
