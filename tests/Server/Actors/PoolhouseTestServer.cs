using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Keys;
using Poolhouse.Server.Dev;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A whole server on a real port with a real SQLite file; only the clock can be another.</summary>
public sealed class PoolhouseTestServer : IAsyncDisposable
{
    // RSA keys cost 0.15 s each: servers share a stock of them, but no two pools of one server do.
    static readonly ConcurrentDictionary<(KeyUse Use, int Number), SigningKey> Stock = new();

    readonly WebApplication app;
    readonly bool ownsData;

    PoolhouseTestServer(WebApplication app, string data, bool ownsData, int port, FakeTimeProvider? clock, ConcurrentQueue<string> log) =>
        (this.app, Data, this.ownsData, Port, Clock, Log) = (app, data, ownsData, port, clock, log);

    public string Data { get; }

    public int Port { get; }

    public string Url => $"http://localhost:{Port}";

    /// <summary>The server's clock, if the test asked for one that it moves.</summary>
    public FakeTimeProvider? Clock { get; }

    /// <summary>Every line that the server logged.</summary>
    public ConcurrentQueue<string> Log { get; }

    /// <summary>A client that follows no redirects and keeps no cookies.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>The key that signs administrative calls to `serve`; null in dev, where any signature passes.</summary>
    public AccessKey? Key { get; private set; }

    public DateTimeOffset Now => ((TimeProvider?)Clock ?? TimeProvider.System).GetUtcNow();

    public T Service<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Starts a server.</summary>
    /// <param name="seeded">Whether the built-in seed is run.</param>
    /// <param name="clock">A clock that the test moves, or null for the real one.</param>
    /// <param name="data">The data directory of an earlier server, to restart on it; or null for a new one.</param>
    /// <param name="settings">Changes the settings.</param>
    /// <param name="shortLifetimes">Lifts the lower bounds of lifetimes.</param>
    /// <param name="serve">As `serve` in place of `dev`: signatures are verified, and the feed wants a token.</param>
    public static async Task<PoolhouseTestServer> Start(
        bool seeded = false, FakeTimeProvider? clock = null, string? data = null, Func<Settings, Settings>? settings = null, bool shortLifetimes = false, bool serve = false)
    {
        var port = FreePort();
        var directory = data ?? Directory.CreateTempSubdirectory("poolhouse-test-").FullName;
        var log = new ConcurrentQueue<string>();
        var options = serve ? new ServerOptions(PublicUrl: $"http://localhost:{port}", Listen: $"http://localhost:{port}") : new();
        var configured = new Settings(new StorageOptions(DataDirectory: directory, BallastMegabytes: 0), options, new(), new(), new(), new(), new(), new(), new(), new());
        var run = new RunOptions(settings?.Invoke(configured) ?? configured, serve ? null : new DevOptions(port, ShortLifetimes: shortLifetimes));
        var app = await PoolhouseServer.Build(
            run, (TimeProvider?)clock ?? TimeProvider.System, KeysFromStock(),
            builder => builder.Logging.ClearProviders().AddProvider(new Recorder(log)));
        if (seeded) await app.Services.GetRequiredService<SeedRunner>().RunOnce(CancellationToken.None);
        await app.StartAsync();
        var server = new PoolhouseTestServer(app, directory, data is null, port, clock, log);
        if (serve) await server.MakeKey();
        return server;
    }

    /// <summary>Stops the server and leaves its data for a next one.</summary>
    public async Task Stop()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        if (ownsData) Directory.Delete(Data, recursive: true);
    }

    async Task MakeKey()
    {
        Key = AccessKey.Create(AccessPolicy.Everything, Now.ToUnixTimeMilliseconds());
        await Service<AccessKeyStore>().Create(Key);
    }

    static KeyMaker KeysFromStock()
    {
        var made = 0;
        return use => Stock.GetOrAdd((use, Interlocked.Increment(ref made)), key => SigningKey.Create(key.Use));
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    sealed class Recorder(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
