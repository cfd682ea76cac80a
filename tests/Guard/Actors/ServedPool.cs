using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Keys;
using Poolhouse.Server;
using Poolhouse.Server.Cognito;
using Poolhouse.Storage;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>`poolhouse serve` in this process, under the test's clock: the feed wants a token there. A pool, an app, ana, and the guard's machine client.</summary>
sealed class ServedPool : IAsyncDisposable
{
    public const string Pool = "us-east-1_Served001";
    public const string GuardClient = "1guard00000000000000000000";
    public const string GuardSecret = "1guardsecret000000000000000000000000000000000000000";
    public const string Weak = "1weak000000000000000000000";

    readonly string data = Directory.CreateTempSubdirectory("poolhouse-served-").FullName;
    readonly HttpClient http = new();
    readonly int port = RealServer.FreePort();
    WebApplication app = null!;

    public FakeTimeProvider Clock { get; } = GuardPost.NewClock();

    public string Url => $"http://127.0.0.1:{port}";

    public string Issuer => $"{Url}/{Pool}";

    public static async Task<ServedPool> Start()
    {
        var made = new ServedPool();
        var settings = new Settings(new StorageOptions(DataDirectory: made.data, BallastMegabytes: 0), new(PublicUrl: made.Url, Listen: made.Url), new(), new(), new(), new(), new(), new(), new(), new());
        made.app = await PoolhouseServer.Build(new(settings), made.Clock, SigningKey.Create, builder => builder.Logging.ClearProviders());
        await made.app.StartAsync();
        await made.Seed("CreateUserPool", """{"PoolName": "Served"}""", Pool);
        await made.Seed("CreateUserPoolClient", $$"""{"UserPoolId": "{{Pool}}", "ClientName": "web", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""", TokenForge.Web);
        await made.Machine(GuardClient, """["poolhouse/revocations.read", "poolhouse/introspect"]""");
        await made.Machine(Weak, """["poolhouse/introspect"]""");
        await made.Seed("AdminCreateUser", $$"""{"UserPoolId": "{{Pool}}", "Username": "ana", "MessageAction": "SUPPRESS"}""");
        await made.Seed("AdminSetUserPassword", $$"""{"UserPoolId": "{{Pool}}", "Username": "ana", "Password": "Passw0rd-1", "Permanent": true}""");
        return made;
    }

    /// <summary>A guard with the machine client, or another; on the server's clock, or another.</summary>
    public CognitoGuard NewGuard(
        RevocationSource source, string client = GuardClient, HttpMessageHandler? backchannel = null, LogBook? log = null, TimeProvider? time = null) => new(new()
    {
        Issuer = Issuer, ClientIds = [TokenForge.Web], Revocations = source, GuardClientId = client, GuardClientSecret = GuardSecret, Backchannel = backchannel,
    }, log, time ?? Clock);

    /// <summary>Starts a guard, while time goes by.</summary>
    public async Task<CognitoGuard> Begin(CognitoGuard guard)
    {
        var started = guard.StartAsync();
        await Pumped(() => started.IsCompleted, 50);
        return guard;
    }

    /// <summary>Waits while the clock runs.</summary>
    public async Task Pumped(Func<bool> condition, int milliseconds = 100)
    {
        for (var turns = 0; !condition(); turns++)
        {
            if (turns > 3000) throw new TimeoutException("What the test waits for has not come.");
            Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            await Task.Delay(5);
        }
    }

    public async Task<(string Access, string Refresh)> SignIn()
    {
        var result = (await Call("InitiateAuth", $$"""
            {"AuthParameters": {"USERNAME": "ana", "PASSWORD": "Passw0rd-1"}, "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "{{TokenForge.Web}}"}
            """))["AuthenticationResult"]!;
        return ((string)result["AccessToken"]!, (string)result["RefreshToken"]!);
    }

    /// <summary>Opens the stream of the feed as another guard would, and reads nothing.</summary>
    public async Task<HttpResponseMessage> Read()
    {
        using var asking = new HttpRequestMessage(HttpMethod.Post, Url + "/oauth2/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", GuardClient), new("client_secret", GuardSecret), new("scope", "poolhouse/revocations.read")]),
        };
        using var reply = await http.SendAsync(asking);
        using var reading = new HttpRequestMessage(HttpMethod.Get, $"{Issuer}/revocations/stream");
        reading.Headers.Authorization = new("Bearer", (string)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["access_token"]!);
        return (await http.SendAsync(reading, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
    }

    public Task Revoke(string refresh) => Call("RevokeToken", $$"""{"Token": "{{refresh}}", "ClientId": "{{TokenForge.Web}}"}""");

    /// <summary>Makes the next signing keys of the pool.</summary>
    public Task<KeyRotation> Rotate(TimeSpan ahead) => app.Services.GetRequiredService<SigningKeyStore>().Rotate(Pool, ahead, withdraw: false);

    public Task SignOut() => Seed("AdminUserGlobalSignOut", $$"""{"UserPoolId": "{{Pool}}", "Username": "ana"}""");

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    Task Machine(string id, string scopes) => Seed("CreateUserPoolClient", $$"""
        {"UserPoolId": "{{Pool}}", "ClientName": "machine", "GenerateSecret": true, "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["client_credentials"],
         "AllowedOAuthScopes": {{scopes}}}
        """, id, GuardSecret);

    async Task Seed(string operation, string body, string? id = null, string? secret = null)
    {
        if (await app.Services.GetRequiredService<CognitoDispatcher>().Seed(operation, "us-east-1", Encoding.UTF8.GetBytes(body), id, secret, default) is { } fault)
            throw new InvalidOperationException($"{operation}: {fault}");
    }

    async Task<JsonObject> Call(string operation, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url + "/") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Headers.Add("X-Amz-Target", $"AWSCognitoIdentityProviderService.{operation}");
        request.Content.Headers.ContentType = new("application/x-amz-json-1.1");
        using var reply = await http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode ? (text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject()) : throw new InvalidOperationException($"{operation}: {text}");
    }
}
