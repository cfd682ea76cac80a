using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>An app with a client in a pool of its own; it calls as apps call, without a signature.</summary>
public sealed class App
{
    /// <summary>The settings of a client that rotates refresh tokens.</summary>
    public const string Rotating = """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "RefreshTokenRotation": {"Feature": "ENABLED"}}""";

    const string Plain = """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""";

    readonly PoolhouseTestServer server;

    App(PoolhouseTestServer server, string poolId, JsonObject client)
    {
        (this.server, PoolId, Admin) = (server, poolId, new(server));
        (ClientId, Secret) = ((string)client[nameof(ClientId)]!, (string?)client["ClientSecret"]);
    }

    public Admin Admin { get; }

    public string PoolId { get; }

    public string ClientId { get; }

    public string? Secret { get; }

    /// <summary>Makes a client, and a pool if none is named.</summary>
    public static async Task<App> Start(PoolhouseTestServer server, string? client = null, string? pool = null, string? poolId = null)
    {
        var admin = new Admin(server);
        poolId ??= await admin.Pool(Object(pool ?? "{}"));
        return new(server, poolId, await admin.Client(poolId, Object(client ?? Plain)));
    }

    public static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    public string Hash(string username) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret!), Encoding.UTF8.GetBytes(username + ClientId)));

    /// <summary>Calls an operation with this client's id.</summary>
    public Task<ApiReply> Try(string operation, string body)
    {
        var request = Object(body);
        request[nameof(ClientId)] ??= ClientId;
        return Admin.Try(operation, request, signed: false);
    }

    public Task<ApiReply> TrySignIn(string username, string password = "Passw0rd-1", string? hash = null) =>
        Flow("USER_PASSWORD_AUTH", ("USERNAME", username), ("PASSWORD", password), ("SECRET_HASH", hash));

    /// <summary>Signs in and returns the AuthenticationResult.</summary>
    public async Task<JsonObject> SignIn(string username, string password = "Passw0rd-1")
    {
        var reply = await TrySignIn(username, password, Secret is null ? null : Hash(username));
        return reply.Status == 200 ? reply.Body["AuthenticationResult"]!.AsObject() : throw new InvalidOperationException($"{reply.Error}: {reply.Message}");
    }

    /// <summary>InitiateAuth.</summary>
    public Task<ApiReply> Flow(string flow, params (string Name, string? Value)[] parameters) => Admin.Try("InitiateAuth", new()
    {
        ["AuthFlow"] = flow, [nameof(ClientId)] = ClientId,
        ["AuthParameters"] = new JsonObject(parameters.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Name, (JsonNode?)pair.Value))),
    }, signed: false);

    /// <summary>Answers NEW_PASSWORD_REQUIRED.</summary>
    public Task<ApiReply> Answer(string? session, params (string Name, string? Value)[] responses) => Respond("NEW_PASSWORD_REQUIRED", session, responses);

    /// <summary>RespondToAuthChallenge.</summary>
    public Task<ApiReply> Respond(string challenge, string? session, params (string Name, string? Value)[] responses) => Admin.Try("RespondToAuthChallenge", new()
    {
        ["ChallengeName"] = challenge, [nameof(ClientId)] = ClientId, ["Session"] = session,
        ["ChallengeResponses"] = new JsonObject(responses.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Name, (JsonNode?)pair.Value))),
    }, signed: false);

    /// <summary>Calls an operation of a signed-in user.</summary>
    public Task<ApiReply> As(JsonNode? accessToken, string operation, string more = "{}")
    {
        var body = Object(more);
        body["AccessToken"] = (string?)accessToken;
        return Admin.Try(operation, body, signed: false);
    }

    /// <summary>GetTokensFromRefreshToken.</summary>
    public Task<ApiReply> Refresh(string token, string? secret = null) => Admin.Try("GetTokensFromRefreshToken", new()
    {
        ["RefreshToken"] = token, [nameof(ClientId)] = ClientId, ["ClientSecret"] = secret ?? Secret,
    }, signed: false);

    public Task<ApiReply> Revoke(string token, string? secret = null) =>
        Admin.Try("RevokeToken", new() { ["Token"] = token, [nameof(ClientId)] = ClientId, ["ClientSecret"] = secret ?? Secret }, signed: false);

    public Task<ApiReply> GetUser(string accessToken) => Admin.Try("GetUser", new() { ["AccessToken"] = accessToken }, signed: false);

    public Task<ApiReply> ChangePassword(string accessToken, string? previous, string proposed) =>
        Admin.Try("ChangePassword", new() { ["AccessToken"] = accessToken, ["PreviousPassword"] = previous, ["ProposedPassword"] = proposed }, signed: false);

    /// <summary>Changes attributes of a signed-in user, given as name=value.</summary>
    public Task<ApiReply> Update(JsonNode? accessToken, params string[] attributes) =>
        As(accessToken, "UpdateUserAttributes", $$"""{"UserAttributes": {{App.List(attributes)}} }""");

    /// <summary>Enters the code that proves an attribute.</summary>
    public Task<ApiReply> Verify(JsonNode? accessToken, string attribute, string code) =>
        As(accessToken, "VerifyUserAttribute", $$"""{"AttributeName": "{{attribute}}", "Code": "{{code}}"}""");

    /// <summary>The attributes of a signed-in user.</summary>
    public async Task<Dictionary<string, string>> AttributesOf(JsonNode? accessToken) =>
        App.Attributes((await GetUser((string)accessToken!)).Body, "UserAttributes");

    /// <summary>Calls an administrator's operation about a user of the pool.</summary>
    public Task<JsonObject> About(string username, string operation, string more = "{}")
    {
        var body = Object(more);
        (body["UserPoolId"], body["Username"]) = (PoolId, username);
        return Admin.Call(operation, body);
    }

    /// <summary>Makes a confirmed user with a verified address.</summary>
    public Task User(string username, string password = "Passw0rd-1") => Admin.User(PoolId, username, password,
        JsonNode.Parse($$"""[{"Name": "email", "Value": "{{username}}@example.com"}, {"Name": "email_verified", "Value": "true"}]""")!.AsArray());

    /// <summary>The code that a user was sent last.</summary>
    public async Task<string> Code(string username)
    {
        var inbox = JsonNode.Parse(await server.Http.GetStringAsync($"{server.Url}/dev/inbox?username={username}"))!.AsArray();
        return (string)inbox[0]!["code"]!;
    }

    /// <summary>An attribute list of the wire, from name=value.</summary>
    public static string List(params string[] attributes) => new JsonArray([.. attributes.Select(one => one.Split('=', 2)).Select(pair =>
        (JsonNode)new JsonObject { ["Name"] = pair[0], ["Value"] = pair[1] })]).ToJsonString();

    /// <summary>The attributes of a user in a reply, by name.</summary>
    public static Dictionary<string, string> Attributes(JsonNode user, string member) =>
        user[member]!.AsArray().ToDictionary(one => (string)one!["Name"]!, one => (string)one!["Value"]!);

    /// <summary>The claims of a token, unchecked.</summary>
    public static JsonObject Claims(JsonNode? token) =>
        Object(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(((string)token!).Split('.')[1])));
}
