using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Poolhouse.Core.Keys;
using Poolhouse.Server;
using Poolhouse.Server.Dev;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Trials;

/// <summary>A whole server in this process, on a real port, with a SQLite file and the built-in seed; the clock may be another.</summary>
sealed class Host : IAsyncDisposable
{
    readonly WebApplication app;
    readonly string data;

    readonly Faults faults;

    Host(WebApplication app, string data, int port, Faults faults) => (this.app, this.data, Url, this.faults) = (app, data, $"http://localhost:{port}", faults);

    public string Url { get; }

    /// <summary>A client that follows no redirects and keeps no cookies.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The last fault that the server has logged.</summary>
    public string? Fault => faults.Last;

    public static async Task<Host> Start(TimeProvider time, int purgeSeconds = 60)
    {
        var (port, faults) = (FreePort(), new Faults());
        var directory = Directory.CreateTempSubdirectory("poolhouse-trial-").FullName;
        var settings = new Settings(new StorageOptions(DataDirectory: directory, BallastMegabytes: 0, PurgeSeconds: purgeSeconds), new(), new(), new(), new(), new(), new(), new(), new(), new());
        var app = await PoolhouseServer.Build(new RunOptions(settings, new DevOptions(port, ShortLifetimes: true)), time, SigningKey.Create, builder =>
        {
            builder.Logging.ClearProviders().AddProvider(faults);
        });
        await app.Services.GetRequiredService<SeedRunner>().RunOnce(CancellationToken.None);
        await app.StartAsync();
        return new(app, directory, port, faults);
    }

    public T Service<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>An operation of the JSON API; its answer, whatever it is.</summary>
    public async Task<(int Status, JsonElement Body)> Call(string operation, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", $"AWSCognitoIdentityProviderService.{operation}");
        // In dev any signature passes; there has to be one.
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature={new string('a', 64)}");
        using var reply = await Http.SendAsync(request);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        return ((int)reply.StatusCode, bytes.Length == 0 ? default : JsonElement.Parse(bytes));
    }

    public async Task<JsonElement> Must(string operation, string body) =>
        await Call(operation, body) is (200, var reply) ? reply : throw new InvalidOperationException($"{operation} was refused: {await Call(operation, body)}");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Keeps the last fault of the log.</summary>
    sealed class Faults : ILoggerProvider, ILogger
    {
        public string? Last { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Last = $"{formatter(state, exception)} {exception}";
        }

        public void Dispose()
        {
        }
    }
}
