using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Poolhouse.Core;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>One call of a trigger.</summary>
/// <param name="Trigger">Its name, as refusals begin with it.</param>
/// <param name="Source">The trigger source.</param>
/// <param name="Arn">The function.</param>
/// <param name="Version">The version of its event.</param>
sealed record TriggerCall(string Trigger, string Source, string Arn, string Version = "1");

/// <summary>Calls triggers and turns whatever comes of it into an answer or a refusal: nothing that a function fails to say is taken for a yes.</summary>
public sealed partial class TriggerInvoker(FunctionRoutes routes, FunctionTransport transport, TimeProvider time, ILogger<TriggerInvoker> log)
{
    const string NoRoute = "no endpoint is known for the function (Triggers:Functions, Triggers:Endpoint)";

    /// <summary>Asks a function.</summary>
    internal async Task<TAnswer> Ask<TRequest, TAnswer>(
        TriggerCall call, TriggerSubject subject, TRequest request, TAnswer unchanged, CancellationToken cancel)
    {
        using var span = Telemetry.Traces.StartActivity("trigger")?.SetTag("source", call.Source);
        var started = time.GetTimestamp();
        try
        {
            var answer = Read<TAnswer>(await transport.Ask(Route(call), Payload(call, subject, request, unchanged), cancel));
            Answered(call.Source, subject.Pool.Id, call.Arn, (long)time.GetElapsedTime(started).TotalMilliseconds);
            return answer;
        }
        catch (JsonException)
        {
            // The message of the exception may repeat a value.
            throw Refuse(call, subject, started, FunctionFault.Unrecognizable, "a member of the response is unknown or has the wrong type");
        }
        catch (FunctionException failed)
        {
            throw Refuse(call, subject, started, failed.Fault, failed.Message);
        }
    }

    /// <summary>Tells a function something.</summary>
    /// <exception cref="FunctionException">It did not take it; the text is not for the log, since it may be the function's own.</exception>
    internal async Task Tell<TRequest>(TriggerCall call, TriggerSubject subject, TRequest request, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        try
        {
            await transport.Tell(Route(call), Payload(call, subject, request, new NoAnswer()), cancel);
            Answered(call.Source, subject.Pool.Id, call.Arn, (long)time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (FunctionException failed)
        {
            Refuse(call, subject, started, failed.Fault, failed.Message);
            throw;
        }
    }

    /// <summary>Refuses at once a call that could not be made.</summary>
    internal void MustReach(TriggerCall call, TriggerSubject subject)
    {
        try
        {
            Route(call);
        }
        catch (FunctionException failed)
        {
            throw Refuse(call, subject, failed.Fault, failed.Message);
        }
    }

    /// <summary>Refuses a call before it is made.</summary>
    internal RefusedException Refuse(TriggerCall call, TriggerSubject subject, FunctionFault fault, string text) =>
        Refuse(call, subject, time.GetTimestamp(), fault, text);

    /// <summary>A function's text that could not be sent.</summary>
    internal void TextUnusable(TriggerCall call, TriggerSubject subject) => Unusable(call.Source, subject.Pool.Id, call.Arn);

    /// <summary>A refusal, which is logged: without the function's own text, which may name whom it refuses.</summary>
    RefusedException Refuse(TriggerCall call, TriggerSubject subject, long started, FunctionFault fault, string text)
    {
        Failed(call.Source, subject.Pool.Id, call.Arn, fault, (long)time.GetElapsedTime(started).TotalMilliseconds, fault == FunctionFault.Thrown ? "it refused" : text);
        return fault switch
        {
            FunctionFault.Thrown => new(Refusal.TriggerRefused, $"{call.Trigger} failed with error {text}."),
            FunctionFault.Unreachable => new(Refusal.TriggerUnexpected, $"{call.Trigger} invocation failed due to error {text}."),
            FunctionFault.Unrecognizable => new(Refusal.TriggerInvalid, "Unrecognizable lambda output"),
            _ => throw new UnreachableException(),
        };
    }

    FunctionRoute Route(TriggerCall call) => routes.Find(call.Arn) ?? throw new FunctionException(FunctionFault.Unreachable, NoRoute);

    static byte[] Payload<TRequest, TAnswer>(TriggerCall call, TriggerSubject subject, TRequest request, TAnswer unchanged)
    {
        var (pool, clientId) = (subject.Pool, subject.ClientId ?? "CLIENT_ID_NOT_APPLICABLE");
        var whole = new TriggerEvent<TRequest, TAnswer>(
            call.Version, pool.Region, pool.Id, subject.Username, new("aws-sdk-unknown-unknown", clientId), call.Source, request, unchanged);
        return JsonSerializer.SerializeToUtf8Bytes(whole, Json<TriggerEvent<TRequest, TAnswer>>());
    }

    // Where no event shows that the function has understood, a member that it cannot have answered with shows that it has not: some other
    // page's {"ok": true} is no yes.
    static TAnswer Read<TAnswer>(FunctionAnswer answer)
    {
        var type = Json<TAnswer>();
        if (answer.Alone && answer.Response.EnumerateObject().Any(member => type.Properties.All(known => known.Name != member.Name))) throw new JsonException();
        return answer.Response.Deserialize(type) ?? throw new JsonException();
    }

    static JsonTypeInfo<T> Json<T>() => (JsonTypeInfo<T>)TriggerJson.Default.GetTypeInfo(typeof(T))!;

    [LoggerMessage(7001, LogLevel.Information, "Trigger {Source} of pool {Pool} was answered by {Arn} in {Elapsed} ms")]
    partial void Answered(string source, string pool, string arn, long elapsed);

    [LoggerMessage(7003, LogLevel.Warning, "Trigger {Source} of pool {Pool}: the text of {Arn} lacks the place of the code or the name, or is too long; the pool's own text was sent")]
    partial void Unusable(string source, string pool, string arn);

    [LoggerMessage(7002, LogLevel.Warning, "Trigger {Source} of pool {Pool} failed at {Arn}: {Fault} after {Elapsed} ms, {Reason}")]
    partial void Failed(string source, string pool, string arn, FunctionFault fault, long elapsed, string reason);
}
