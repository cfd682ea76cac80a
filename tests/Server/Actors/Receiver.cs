using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A push as it arrived.</summary>
public sealed record Push(string Token, string? ContentType, string? Authorization)
{
    public string Jti => (string)App.Claims(Token)["jti"]!;
}

/// <summary>Somebody else's server, to which events are pushed (RFC 8935).</summary>
public sealed class Receiver : IAsyncDisposable
{
    readonly WebApplication app;
    readonly ConcurrentQueue<Push> pushes = new();

    Receiver(WebApplication app) => this.app = app;

    public string Url => $"http://127.0.0.1:{Port}/events";

    public int Port => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <summary>Everything that came, whatever was answered.</summary>
    public IReadOnlyList<Push> Pushes => [.. pushes];

    /// <summary>What it answers to the push of this number, from 1 on.</summary>
    public Func<int, Task<(int Status, string Body)>> Answer { get; set; } = _ => Task.FromResult((202, ""));

    /// <summary>Where it sends whoever calls, with a redirect.</summary>
    public string? Location { get; set; }

    public static async Task<Receiver> Start(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.Take);
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until so many have come.</summary>
    public async Task<IReadOnlyList<Push>> Wait(int count, int seconds = 20)
    {
        for (var i = 0; pushes.Count < count; i++)
        {
            if (i > seconds * 50) throw new TimeoutException($"{pushes.Count} of {count} pushes came");
            await Task.Delay(20);
        }
        return Pushes;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    async Task Take(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        pushes.Enqueue(new(await body.ReadToEndAsync(), context.Request.ContentType, context.Request.Headers.Authorization));
        var (status, text) = await Answer(pushes.Count);
        context.Response.StatusCode = status;
        if (Location is not null) context.Response.Headers.Location = Location;
        if (text.Length > 0) context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(text);
    }
}
