using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

[assembly: AssemblyFixture(typeof(Poolhouse.Bff.Tests.Actors.IdentityProvider))]

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>A confidential client of the pool, as a Bff is set up with it.</summary>
public sealed record ProviderClientKeys(string Id, string Secret);

/// <summary>One real Poolhouse server for all tests, with one pool; clients and users are made as they are needed.</summary>
public sealed class IdentityProvider : IAsyncLifetime
{
    public const string Password = "Passw0rd-1";
    static int users;

    public PoolhouseTestServer Server { get; private set; } = null!;

    public Admin Admin { get; private set; } = null!;

    public string Pool { get; private set; } = "";

    public string Authority => $"{Server.Url}/{Pool}";

    public async ValueTask InitializeAsync()
    {
        Server = await PoolhouseTestServer.Start(shortLifetimes: true);
        Admin = new(Server);
        Pool = await Admin.Pool();
    }

    /// <summary>Makes a client that rotates refresh tokens.</summary>
    public async Task<ProviderClientKeys> Client(string url, int grace = 10, string more = "{}")
    {
        var settings = JsonNode.Parse($$"""
            {"UserPoolId": "{{Pool}}", "ClientName": "bff", "GenerateSecret": true, "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
             "AllowedOAuthScopes": ["openid", "email", "profile"], "CallbackURLs": ["{{url}}/bff/callback"], "LogoutURLs": ["{{url}}/bff/signed-out"],
             "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": {{grace}}}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
            """)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject()) settings[name] = value?.DeepClone();
        var made = (await Admin.Call("CreateUserPoolClient", settings))["UserPoolClient"]!;
        return new((string)made["ClientId"]!, (string)made["ClientSecret"]!);
    }

    /// <summary>Makes a user with a password and returns the name.</summary>
    public async Task<string> User()
    {
        var name = $"user{Interlocked.Increment(ref users)}";
        await Admin.User(Pool, name, Password, JsonNode.Parse($$"""[{"Name": "email", "Value": "{{name}}@example.com"}, {"Name": "name", "Value": "Canary {{name}}"}]""")!.AsArray());
        return name;
    }

    /// <summary>Redeems a refresh token as a thief would; the status.</summary>
    public async Task<int> Steal(ProviderClientKeys client, string refreshToken)
    {
        using var reply = await Server.Http.PostAsync(new Uri($"{Server.Url}/oauth2/token"), Form(client, ("grant_type", "refresh_token"), ("refresh_token", refreshToken)));
        return (int)reply.StatusCode;
    }

    public async Task Revoke(ProviderClientKeys client, string refreshToken) =>
        (await Server.Http.PostAsync(new Uri($"{Server.Url}/oauth2/revoke"), Form(client, ("token", refreshToken)))).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    static FormUrlEncodedContent Form(ProviderClientKeys client, params (string, string)[] more) =>
        new([new("client_id", client.Id), new("client_secret", client.Secret), .. more.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2))]);
}
