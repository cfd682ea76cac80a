using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A call of a function as it arrived.</summary>
public sealed record Invocation(string Path, string? Kind, string? ContentType, string Body)
{
    public JsonObject Event => JsonNode.Parse(Body)!.AsObject();

    public string Source => (string)Event["triggerSource"]!;

    /// <summary>The <c>request</c> of the event.</summary>
    public JsonNode Request => Event["request"]!;
}

/// <summary>What a function's host answers.</summary>
public sealed record FunctionReply(string Body, int Status = 200, string? FunctionError = null, string ContentType = "application/json");

/// <summary>Somebody else's server that stands for Lambda: functions by name, behind Lambda's own path or any other.</summary>
public sealed class Functions : IAsyncDisposable
{
    readonly WebApplication app;
    readonly ConcurrentDictionary<string, Func<Invocation, Task<FunctionReply>>> deployed = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<(string Name, Invocation Call)> calls = new();

    Functions(WebApplication app) => this.app = app;

    public string Url => $"http://localhost:{Port}";

    public int Port => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    public static async Task<Functions> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var functions = new Functions(builder.Build());
        functions.app.Run(functions.Run);
        await functions.app.StartAsync();
        return functions;
    }

    /// <summary>The ARN of a function.</summary>
    public static string Arn(string name) => $"arn:aws:lambda:us-east-1:000000000000:function:{name}";

    /// <summary>Deploys a function that returns its event with this response, or as it came; returns its ARN.</summary>
    public string Returns(string name, string? response = null) => Deploy(name, call => new(With(call, response)));

    /// <summary>Deploys a function that throws.</summary>
    public string Throws(string name, string message) => Deploy(name, _ => new(
        new JsonObject { ["errorType"] = "Error", ["errorMessage"] = message, ["trace"] = new JsonArray() }.ToJsonString(), FunctionError: "Unhandled"));

    public string Deploy(string name, Func<Invocation, FunctionReply> function) => Deploy(name, call => Task.FromResult(function(call)));

    public string Deploy(string name, Func<Invocation, Task<FunctionReply>> function)
    {
        deployed[name] = function;
        return Arn(name);
    }

    /// <summary>The event of a call with a response in it.</summary>
    public static string With(Invocation call, string? response)
    {
        var whole = call.Event;
        if (response is not null) whole["response"] = JsonNode.Parse(response);
        return whole.ToJsonString();
    }

    /// <summary>The calls of a function so far.</summary>
    public IReadOnlyList<Invocation> Calls(string name) => [.. calls.Where(call => call.Name == name).Select(call => call.Call)];

    /// <summary>The one call of a function.</summary>
    public Invocation Call(string name) => Calls(name).Single();

    /// <summary>Waits for a call that nobody else waits for.</summary>
    public async Task<Invocation> Wait(string name)
    {
        for (var i = 0; Calls(name).Count == 0; i++)
        {
            if (i > 1000) throw new TimeoutException($"{name} was not called");
            await Task.Delay(20);
        }
        return Call(name);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    async Task Run(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        var call = new Invocation(context.Request.Path, context.Request.Headers["X-Amz-Invocation-Type"], context.Request.ContentType, await body.ReadToEndAsync());
        var name = call.Path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["2015-03-31", "functions", var named, "invocations"] ? named : call.Path.Trim('/');
        calls.Enqueue((name, call));
        var reply = deployed.TryGetValue(name, out var function) ? await function(call) : new("""{"Message": "Function not found", "Type": "User"}""", 404);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        if (reply.FunctionError is not null) context.Response.Headers["X-Amz-Function-Error"] = reply.FunctionError;
        if (reply.Status is 301 or 302 or 307) context.Response.Headers.Location = Url + "/elsewhere";
        await context.Response.WriteAsync(reply.Body);
    }
}
