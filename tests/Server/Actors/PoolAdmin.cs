using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Cognito;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>The administrator of one pool with one app client, in a server of its own.</summary>
public sealed class PoolAdmin : IAsyncDisposable
{
    const string Password = "Passw0rd-1";

    readonly Admin admin;

    PoolAdmin(PoolhouseTestServer server, Admin admin, string poolId) => (Server, this.admin, PoolId) = (server, admin, poolId);

    public PoolhouseTestServer Server { get; }

    public string PoolId { get; }

    public string ClientId { get; private set; } = "";

    /// <summary>Starts a server with a pool of these settings.</summary>
    public static async Task<PoolAdmin> Start(string settings = "", FakeTimeProvider? clock = null)
    {
        var server = await PoolhouseTestServer.Start(clock: clock);
        var admin = new Admin(server);
        var made = new PoolAdmin(server, admin, await admin.Pool(Json(settings)));
        made.ClientId = (string)(await admin.Client(made.PoolId))[nameof(ClientId)]!;
        return made;
    }

    /// <summary>Calls an operation of the pool with these members, as JSON without braces.</summary>
    public Task<JsonObject> Call(string operation, string members = "") => admin.Call(operation, OfPool(members));

    /// <summary>The error of a call, which the API must list for the operation.</summary>
    public async Task<(string Type, string Message)> Refused(string operation, string members = "")
    {
        var reply = await admin.Try(operation, OfPool(members));
        Assert.Equal(400, reply.Status);
        ErrorLists.Check(operation, reply.Error!);
        return (reply.Error!, reply.Message!);
    }

    /// <summary>Makes a user silently and confirms it with a password.</summary>
    public async Task<string> Confirmed(string username, string attributes = "[]")
    {
        var user = await Call("AdminCreateUser", $$"""
            "Username": "{{username}}", "MessageAction": "SUPPRESS", "UserAttributes": {{attributes}}
            """);
        await Call("AdminSetUserPassword", $$"""
            "Username": "{{username}}", "Password": "{{Password}}", "Permanent": true
            """);
        return App.Attributes(user["User"]!, "Attributes")["sub"];
    }

    /// <summary>Changes attributes, given as name=value.</summary>
    public static string Change(string username, params string[] attributes) => $$"""
        "Username": "{{username}}", "UserAttributes": {{App.List(attributes)}}
        """;

    /// <summary>The attributes of a user as AdminGetUser shows them.</summary>
    public async Task<Dictionary<string, string>> AttributesOf(string username) =>
        App.Attributes(await Call("AdminGetUser", $"\"Username\": \"{username}\""), "UserAttributes");

    public async Task<string> StatusOf(string username) => (string)(await Call("AdminGetUser", $"\"Username\": \"{username}\""))["UserStatus"]!;

    /// <summary>What was sent, newest first.</summary>
    public async Task<List<OutgoingMessage>> Inbox() => [.. (await Server.Service<MessageStore>().Latest(10, default)).Select(sent => sent.Message!)];

    public async Task<(UserPool Pool, AppClient Client)> Settings() =>
        ((await Server.Service<PoolStore>().Find(PoolId, default))!, (await Server.Service<ClientStore>().Find(ClientId, default))!);

    /// <summary>Proves a password by the use case that every surface shares.</summary>
    public async Task<SignInStep> SignIn(string username, string password = Password)
    {
        var (pool, client) = await Settings();
        return await Server.Service<PasswordSignIn>().SignIn(new(pool, client, null), username, password, null, default);
    }

    /// <summary>Starts a session for a user and returns its tokens.</summary>
    public async Task<TokenSet> Session(string username)
    {
        var (pool, client) = await Settings();
        return (await Server.Service<StartSession>().Start(new(pool, client, null), (SignInStep.Proven)await SignIn(username), default)).Tokens;
    }

    /// <summary>Refreshes at the token endpoint: null, or the error.</summary>
    public async Task<string?> Refresh(TokenSet tokens) => (string?)(await new OAuthClient(Server).Refresh(ClientId, tokens.RefreshToken!)).Body["error"];

    /// <summary>Signs a user up as a person would, unconfirmed.</summary>
    public async Task<SignedUp> SignUp(string username, params (string Name, string Value)[] attributes)
    {
        var (pool, client) = await Settings();
        return await Server.Service<SignUp>().Start(pool, client, new(username, Password, attributes.ToDictionary(one => one.Name, one => one.Value)), default);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    JsonObject OfPool(string members)
    {
        var body = Json(members);
        body["UserPoolId"] ??= PoolId;
        return body;
    }

    static JsonObject Json(string members) => JsonNode.Parse($"{{{members}}}")!.AsObject();
}
