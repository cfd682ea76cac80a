using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.Cognito.Clients;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>An error as a client sees it.</summary>
public sealed class ApiException(HttpStatusCode status, string type, string message) : Exception($"{(int)status} {type}: {message}")
{
    public HttpStatusCode Status => status;

    public string Type => type;

    public string Text => message;
}

/// <summary>An administrator with an access key in front of the JSON API alone, on a real port over a real file.</summary>
public sealed class JsonApi : IAsyncDisposable
{
    readonly WebApplication app;
    readonly Database database;
    readonly string directory;

    JsonApi(WebApplication app, Database database, string directory, FakeTimeProvider time) =>
        (this.app, this.database, this.directory, Time) = (app, database, directory, time);

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; } = new();

    public AccessKey Key { get; private set; } = NewKey(AccessPolicy.Everything);

    public string Region { get; set; } = "us-east-1";

    public string Authority => new Uri(app.Urls.First()).Authority;

    public T Service<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<JsonApi> Start(bool emulator = false, string[]? regions = null, LifetimeBounds? bounds = null)
    {
        var directory = Directory.CreateTempSubdirectory("ph-api-").FullName;
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-23T12:00:00Z", CultureInfo.InvariantCulture));
        var database = await Database.Open(new StorageOptions(directory, BallastMegabytes: 0), time, NullLogger<Database>.Instance, default);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton(database).AddSingleton(new Sealing(MasterKey.Create()))
            .AddSingleton(bounds ?? new()).AddSingleton(new SignInOptions()).AddSingleton(new SignatureOptions(emulator, regions))
            .AddSingleton<PoolStore>().AddSingleton<ClientStore>().AddSingleton<DomainStore>().AddSingleton<ResourceServerStore>()
            .AddSingleton<UserStore>().AddSingleton<UserSearch>().AddSingleton(new AuditOptions()).AddSingleton<AuditBuffer>().AddSingleton<Telemetry>().AddSingleton<Audit>().AddSingleton(new PlainHosts([])).AddSingleton<AccessKeyStore>();
        builder.Services.AddCognito();
        var app = builder.Build();
        app.MapCognito();
        await app.StartAsync();
        var api = new JsonApi(app, database, directory, time);
        await api.Service<AccessKeyStore>().Create(api.Key);
        return api;
    }

    /// <summary>Calls with another key from here on.</summary>
    public async Task<AccessKey> Become(AccessPolicy policy, bool stored = true)
    {
        Key = NewKey(policy);
        if (stored) await Service<AccessKeyStore>().Create(Key);
        return Key;
    }

    /// <summary>A signed call; the reply, or an <see cref="ApiException"/>.</summary>
    public async Task<JsonNode> Call(string operation, string body = "{}") => await Result(await Http.SendAsync(Signed(operation, body)));

    /// <summary>The error that a call yields.</summary>
    public async Task<ApiException> Refused(string operation, string body = "{}")
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => Call(operation, body));
        ErrorLists.Check(operation, error.Type);
        return error;
    }

    public static async Task<JsonNode> Result(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync();
        if (reply.IsSuccessStatusCode) return text.Length == 0 ? JsonValue.Create("")! : JsonNode.Parse(text)!;
        var error = JsonDocument.Parse(text).RootElement;
        var type = error.GetProperty("__type").GetString()!;
        Assert.Equal(type + ":", reply.Headers.GetValues("x-amzn-ErrorType").Single());
        throw new ApiException(reply.StatusCode, type, error.GetProperty("message").GetString()!);
    }

    public HttpRequestMessage Request(string operation, string body, string type = "application/x-amz-json-1.1")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://{Authority}/") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.Add("X-Amz-Target", "AWSCognitoIdentityProviderService." + operation);
        return request;
    }

    /// <summary>A request signed as the SDKs sign.</summary>
    public HttpRequestMessage Signed(string operation, string body, string signed = "content-type;host;x-amz-date;x-amz-target", string service = "cognito-idp")
    {
        var request = Request(operation, body);
        Signer.Sign(request, body, Key, Time.GetUtcNow(), Region, signed, service);
        return request;
    }

    /// <summary>A new pool's id.</summary>
    public async Task<string> Pool(string settings = "") =>
        (await Call("CreateUserPool", $$"""{"PoolName": "people" {{settings}}}"""))["UserPool"]!["Id"]!.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        await database.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    static AccessKey NewKey(AccessPolicy policy) =>
        new("AKIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), new Secret(Ids.Handle()), policy, 0);
}
