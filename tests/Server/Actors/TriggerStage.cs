using System.Text.Json.Nodes;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A server whose pools call functions, and the host of those functions.</summary>
public sealed class TriggerStage : IAsyncLifetime
{
    /// <summary>The key under which functions that send messages get their codes.</summary>
    public const string SenderKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    public Functions Functions { get; private set; } = null!;

    public PoolhouseTestServer Server { get; private set; } = null!;

    public PoolTriggers Triggers => Server.Service<PoolTriggers>();

    public async ValueTask InitializeAsync()
    {
        Functions = await Functions.Start();
        Server = await PoolhouseTestServer.Start(settings: settings => settings with
        {
            Triggers = new(Endpoint: Functions.Url, Functions: $"plain={Functions.Url}/plain", SenderKey: SenderKey),
        });
    }

    /// <summary>An app in a new pool with these triggers, as JSON without braces; more is the rest of the pool's settings, with a comma before it.</summary>
    public Task<App> App(string triggers, string more = "", string? client = null) =>
        Actors.App.Start(Server, client, $$"""{"LambdaConfig": {{{triggers}}} {{more}}}""");

    public async Task<UserPool> Pool(App app) => (await Server.Service<PoolStore>().Find(app.PoolId, default))!;

    public async Task<AppClient> Client(App app) => (await Server.Service<ClientStore>().Find(app.ClientId, default))!;

    public async Task<TriggerSubject> Subject(App app, string username)
    {
        var pool = await Pool(app);
        return TriggerSubject.Of(pool, app.ClientId, (await Server.Service<UserStore>().Find(pool.Id, username, true, default))!);
    }

    /// <summary>Signs up with an e-mail address.</summary>
    public static Task<ApiReply> SignUp(App app, string username, string more = "") => app.Try("SignUp", $$"""
        {"Username": "{{username}}", "Password": "Passw0rd-1", "UserAttributes": [{"Name": "email", "Value": "{{username}}@example.com"}] {{more}}}
        """);

    /// <summary>A user as an administrator sees them.</summary>
    public static async Task<(string Status, JsonObject Attributes)> User(App app, string username)
    {
        var user = await app.About(username, "AdminGetUser");
        return ((string)user["UserStatus"]!, new(user["UserAttributes"]!.AsArray().Select(one => KeyValuePair.Create((string)one!["Name"]!, one["Value"]?.DeepClone()))));
    }

    /// <summary>Compares an event with what it must be, member by member and in this order.</summary>
    public static void Same(string expected, Invocation call) => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), call.Event.ToJsonString());

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Functions.DisposeAsync();
    }
}
