using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

/// <summary>A server with the built-in seed, and what an app knows of it.</summary>
public sealed class SeededServer : IAsyncLifetime
{
    public const string Pool = "us-east-1_Poolhouse";
    public const string Client = "poolhousepublicdemoclient1";
    public const string Callback = "http://localhost:3000/callback";
    public const string Verifier = "a-verifier-of-at-least-forty-three-characters-it-says";

    public PoolhouseTestServer Server { get; private set; } = null!;

    public Admin Admin => new(Server);

    public OAuthClient OAuth => new(Server);

    public Visitor Visitor(string? host = null) => new(Server, host);

    public async ValueTask InitializeAsync() => Server = await PoolhouseTestServer.Start(seeded: true);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A URL with an authorization request; parameters given here replace the usual ones, and null leaves one out.</summary>
    public static string Link(string path = "/oauth2/authorize", string clientId = Client, params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["response_type"] = "code", ["client_id"] = clientId, ["redirect_uri"] = Callback, ["scope"] = "openid email", ["state"] = "here and back",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))), ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes) parameters[name] = value;
        return $"{path}?{string.Join('&', parameters.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"))}";
    }

    /// <summary>Signs the seeded user in at a page.</summary>
    public static Task<Page> SignIn(Visitor visitor, Page page, string username = "demo", string password = "Poolhouse-1") =>
        visitor.Submit(page, "password", [("username", username), ("password", password)]);

    /// <summary>Redeems the code that came back.</summary>
    public async Task<JsonObject> Redeem(Page back)
    {
        var reply = await OAuth.Post("/oauth2/token",
        [
            ("grant_type", "authorization_code"), ("client_id", Client), ("code", back.Back("code")!), ("code_verifier", Verifier), ("redirect_uri", Callback),
        ]);
        Assert.Equal(200, reply.Status);
        return reply.Body;
    }

    /// <summary>The latest code that somebody was sent.</summary>
    public async Task<string> CodeOf(string username)
    {
        var inbox = JsonNode.Parse(await Server.Http.GetStringAsync($"{Server.Url}/dev/inbox?username={Uri.EscapeDataString(username)}"))!.AsArray();
        return (string)inbox[0]!["code"]!;
    }

    /// <summary>How many messages somebody was sent.</summary>
    public async Task<int> MessagesOf(string username) =>
        JsonNode.Parse(await Server.Http.GetStringAsync($"{Server.Url}/dev/inbox?username={Uri.EscapeDataString(username)}"))!.AsArray().Count;
}
