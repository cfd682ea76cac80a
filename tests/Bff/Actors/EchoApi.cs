using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>A call as the API got it.</summary>
sealed record Received(string Method, string Target, string? Host, string? Authorization, Dictionary<string, string> Headers);

/// <summary>An API that remembers its calls and tells the caller nothing of the token.</summary>
sealed class EchoApi : IAsyncDisposable
{
    readonly WebApplication app;

    EchoApi(WebApplication app) => this.app = app;

    public ConcurrentQueue<Received> Calls { get; } = [];

    public string Url => app.Urls.Single();

    public Received Last => Calls.Last();

    public static async Task<EchoApi> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new EchoApi(app);
        app.UseWebSockets();
        app.Run(api.Answer);
        await app.StartAsync();
        return api;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    async Task Answer(HttpContext context)
    {
        var request = context.Request;
        Calls.Enqueue(new(request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, request.Host.Value, request.Headers.Authorization,
            request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (context.WebSockets.IsWebSocketRequest)
        {
            await Chat(context);
            return;
        }
        if (request.Path == "/redirect") context.Response.Redirect("http://elsewhere.example/");
        if (request.Path == "/cookie")
        {
            context.Response.Headers.SetCookie = "__Host-Http-bff=planted; Path=/; Secure; HttpOnly";
            context.Response.Headers["Clear-Site-Data"] = "\"cookies\"";
            context.Response.Headers.AccessControlAllowOrigin = "*";
        }
        if (request.Path == "/slow") await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        if (!context.Response.Headers.ContainsKey("Location")) await context.Response.WriteAsync($"{request.Method} {request.Path} {body}");
    }

    static async Task Chat(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException)
        {
            // The other side went away.
        }
    }
}
