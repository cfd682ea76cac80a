using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;

namespace Poolhouse.Server.Tests.Login;

/// <summary>A pool with factors, an app that sends people to its hosted pages, and a clock.</summary>
sealed class FactorHouse : IAsyncDisposable
{
    public const string Password = "Passw0rd-1";
    public const string AppAndMail = """ "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {} """;
    public const string Everything = $$"""{{AppAndMail}}, "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"} } """;

    const string OAuth = """
        "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "email", "aws.cognito.signin.user.admin"],
        "CallbackURLs": ["http://localhost:3000/callback"]
        """;

    FactorHouse(PoolhouseTestServer server, App app, FakeTimeProvider clock) => (Server, App, Clock) = (server, app, clock);

    public PoolhouseTestServer Server { get; }

    public App App { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>Starts one whose pool asks for second factors.</summary>
    public static async Task<FactorHouse> WithMfa(string mfa, string factors = """ "SoftwareTokenMfaConfiguration": {"Enabled": true} """)
    {
        var house = await Start("""{"PoolName": "Lido + sons", "AutoVerifiedAttributes": ["email"]}""");
        await house.App.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{house.App.PoolId}}", "MfaConfiguration": "{{mfa}}", {{factors}} }"""));
        return house;
    }

    /// <summary>Starts one whose users may begin with something else than a password.</summary>
    public static Task<FactorHouse> WithChoice(string factors = """ "PASSWORD", "EMAIL_OTP", "SMS_OTP" """, string flows = """ "ALLOW_USER_AUTH" """, string client = "") =>
        Start($$"""{"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": [{{factors}}]} } }""", flows, client);

    static async Task<FactorHouse> Start(string pool, string flows = """ "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH" """, string client = "")
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var server = await PoolhouseTestServer.Start(clock: clock);
        return new(server, await App.Start(server, $$"""{"ExplicitAuthFlows": [{{flows}}], {{OAuth}} {{client}} }""", pool), clock);
    }

    public Visitor Visitor() => new(Server);

    public string Link(string path = "/oauth2/authorize", params (string Name, string? Value)[] changes) => SeededServer.Link(path, App.ClientId, changes);

    /// <summary>Makes a user with a password and these attributes.</summary>
    public Task User(string username, params (string Name, string Value)[] attributes) => App.Admin.User(App.PoolId, username, Password,
        [.. attributes.Select(attribute => new JsonObject { ["Name"] = attribute.Name, ["Value"] = attribute.Value })]);

    /// <summary>Somebody arrives and gives name and password; the page that follows, or the app.</summary>
    public async Task<Page> SignIn(Visitor visitor, string username, string password = Password) =>
        await Next(visitor, await SeededServer.SignIn(visitor, await visitor.Open(Link()), username, password));

    /// <summary>Goes where a form led, if that is a page of the server.</summary>
    public static async Task<Page> Next(Visitor visitor, Page page) =>
        page.Location is { } to && to.StartsWith('/') ? await visitor.Follow(page) : page;

    /// <summary>Types a code in.</summary>
    public static async Task<Page> Type(Visitor visitor, Page page, string code) => await Next(visitor, await visitor.Submit(page, "code", [("code", code)]));

    /// <summary>The authenticator app that was set up with the key on the page.</summary>
    public static AuthenticatorApp Scan(Page page) => new(page.Document.QuerySelector(".key")!.TextContent.Replace(" ", "", StringComparison.Ordinal).Trim());

    public Task<string> CodeOf(string username) => App.Code(username);

    /// <summary>Whether the browser is signed in: what an app learns by asking without a page.</summary>
    public async Task<bool> IsSignedIn(Visitor visitor) => (await visitor.Go(Link(changes: ("prompt", "none")))).Back("code") is not null;

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
