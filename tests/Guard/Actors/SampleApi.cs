using System.Net.WebSockets;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Guard.AspNetCore;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>An API on a real port behind the guard, written as its users write theirs; issuer and clock are the test's.</summary>
sealed class SampleApi : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false });

    SampleApi(WebApplication app, FakeTimeProvider clock, FakeIssuer issuer, LogBook log) => (this.app, Clock, Issuer, Log) = (app, clock, issuer, log);

    public FakeTimeProvider Clock { get; }

    public FakeIssuer Issuer { get; }

    public TokenForge Forge => Issuer.Forge;

    public LogBook Log { get; }

    public CognitoGuard Guard => app.Services.GetRequiredService<CognitoGuard>();

    public string Url => app.Urls.First();

    /// <summary>What a handler waits for before it asks for the end of its session.</summary>
    public TaskCompletionSource Gate { get; } = new();

    /// <summary>Set when a handler has been reached.</summary>
    public TaskCompletionSource Reached { get; } = new();

    public static async Task<SampleApi> Start(Action<CognitoGuardOptions>? options = null, Action<AuthenticationBuilder, FakeTimeProvider>? more = null, string pool = FakeIssuer.Pool)
    {
        var clock = GuardPost.NewClock();
        var (issuer, log) = (new FakeIssuer(clock, pool), new LogBook());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        var schemes = builder.Services.AddAuthentication().AddCognitoGuard(given =>
        {
            (given.Issuer, given.ClientIds, given.Backchannel) = (pool, [TokenForge.Web, TokenForge.Worker], issuer);
            options?.Invoke(given);
        });
        more?.Invoke(schemes, clock);
        builder.Services.AddAuthorization(policies => policies.AddPolicy("both pools", policy =>
            policy.AddAuthenticationSchemes(CognitoGuardExtensions.DefaultScheme, "other").RequireAuthenticatedUser()));
        var app = builder.Build();
        var api = new SampleApi(app, clock, issuer, log);
        api.Map();
        var started = app.StartAsync();
        while (!started.IsCompleted) { clock.Advance(TimeSpan.FromMilliseconds(20)); await Task.Delay(1); }
        await started;
        return api;
    }

    public async Task<HttpResponseMessage> Get(string path, params string?[] authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + path);
        foreach (var one in authorization) request.Headers.TryAddWithoutValidation("Authorization", one);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Calls with a token.</summary>
    public Task<HttpResponseMessage> Call(string path, string token) => Get(path, $"Bearer {token}");

    /// <summary>Calls with a token: the status, and what the reply says of it.</summary>
    public async Task<(int Status, string Challenge)> Told(string path, params string?[] authorization)
    {
        using var reply = await Get(path, authorization);
        return ((int)reply.StatusCode, string.Join(" & ", reply.Headers.WwwAuthenticate));
    }

    /// <summary>Opens a WebSocket; it is held open until its session ends.</summary>
    public async Task<ClientWebSocket> Connect(string token)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await socket.ConnectAsync(new(Url.Replace("http", "ws", StringComparison.Ordinal) + "/socket"), default);
        return socket;
    }

    /// <summary>Nobody can reach the issuer any more, and so many seconds go by.</summary>
    public void Lose(double seconds)
    {
        Issuer.Away = true;
        Issuer.Feed.Cut();
        Clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        var gone = app.DisposeAsync().AsTask();
        while (!gone.IsCompleted) { Clock.Advance(TimeSpan.FromMilliseconds(20)); await Task.Delay(1); }
        await gone;
        Issuer.Dispose();
    }

    void Map()
    {
        app.UseWebSockets();
        app.MapGet("/open", Hello);
        app.MapGet("/me", Me).RequireAuthorization();
        app.MapGet("/token", async context => await context.Response.WriteAsync(await context.GetTokenAsync("access_token") ?? "none")).RequireAuthorization();
        app.MapGet("/read", Hello).RequireScope("api/read");
        app.MapGet("/write", Hello).RequireScope("api/read", "api/write");
        app.MapGet("/coaches", Hello).RequireGroup("coaches", "owners");
        app.MapGet("/owners", Hello).RequireGroup("owners");
        app.MapGet("/staff", Hello).RequireAuthorization(new AuthorizeAttribute { Roles = "staff" });
        app.MapGet("/admins", Hello).RequireAuthorization(new AuthorizeAttribute { Roles = "admins" });
        app.MapGet("/critical", Hello).RequireAuthorization().WithRevocation(critical: true);
        app.MapGet("/patient", Hello).RequireAuthorization().WithRevocation(staleFor: TimeSpan.FromMinutes(10));
        app.MapGet("/emergency", Hello).RequireAuthorization().WithRevocation(passWhenBlind: "emergency calls");
        app.MapGet("/action", Action).RequireAuthorization();
        app.MapGet("/both", Me).RequireAuthorization("both pools");
        app.MapGet("/both/events", Events).RequireAuthorization("both pools");
        app.MapGet("/events", Events).RequireAuthorization();
        app.MapGet("/socket", Socket).RequireAuthorization();
    }

    static Task Hello(HttpContext context) => context.Response.WriteAsync("hello");

    // As an action of a controller has it.
    [RevocationDemand(StaleForSeconds = 600, PassWhenBlind = "an action")]
    static Task Action(HttpContext context) => context.Response.WriteAsync("hello");

    static Task Me(HttpContext context) => context.Response.WriteAsync(string.Join('\n',
        [context.User.Identity!.Name ?? "none", context.User.Identity.AuthenticationType!, .. context.User.Claims.Select(claim => $"{claim.Type}={claim.Value}")]));

    async Task Events(HttpContext context)
    {
        Reached.TrySetResult();
        await Gate.Task;
        var ended = context.SessionEnded();
        await context.Response.WriteAsync("data: hello\n\n");
        await context.Response.Body.FlushAsync();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, context.RequestAborted);
        await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (ended.IsCancellationRequested) await context.Response.WriteAsync("data: ended\n\n");
    }

    async Task Socket(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        Reached.TrySetResult();
        await Gate.Task;
        var ended = context.SessionEnded();
        try
        {
            await socket.ReceiveAsync(new byte[16], ended);
        }
        catch (OperationCanceledException)
        {
            // A read that is cancelled aborts the socket.
        }
    }
}
