using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>What a token reply held.</summary>
public sealed record IssuedTokens(JsonObject Body)
{
    public string Access => (string)Body["access_token"]!;

    public string Refresh => (string)Body["refresh_token"]!;

    public string? Id => (string?)Body["id_token"];
}

/// <summary>A server with a clock that the test moves, one pool, one API, and ana, who is signed in with her browser.</summary>
public sealed partial class Realm : IAsyncLifetime
{
    // RFC 7636 appendix B.
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// <summary>An origin without a path, as the first user's page has it.</summary>
    public const string Callback = "http://localhost:3000";
    public const string Password = "Passw0rd-1";

    readonly Dictionary<string, string> cookies = new(StringComparer.Ordinal);

    /// <summary>What the browser keeps.</summary>
    public IReadOnlyDictionary<string, string> Cookies => cookies;

    /// <summary>Runs the server as `serve` does, in place of `dev`.</summary>
    public bool Serves { get; init; }

    /// <summary>Changes the server's settings.</summary>
    public Func<Settings, Settings>? Configured { get; init; }

    public PoolhouseTestServer Server { get; private set; } = null!;

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2026-11-23T12:00:00Z", CultureInfo.InvariantCulture));

    public Admin Admin { get; private set; } = null!;

    public OAuthClient App { get; private set; } = null!;

    public string Pool { get; private set; } = "";

    public string Issuer => $"{Server.Url}/{Pool}";

    public async ValueTask InitializeAsync()
    {
        Server = await PoolhouseTestServer.Start(clock: Clock, settings: Configured, serve: Serves);
        (Admin, App) = (new(Server), new(Server));
        Pool = await Admin.Pool(new() { ["Schema"] = JsonNode.Parse("""[{"Name": "level", "AttributeDataType": "Number"}, {"Name": "coach", "AttributeDataType": "Boolean"}]""") });
        await Admin.Call("CreateResourceServer", JsonNode.Parse(
            $$"""{"UserPoolId": "{{Pool}}", "Identifier": "api", "Name": "API", "Scopes": [{"ScopeName": "read", "ScopeDescription": "r"}, {"ScopeName": "write", "ScopeDescription": "w"}]}""")!.AsObject());
        await User("ana");
    }

    /// <summary>Makes a user with an attribute of every type.</summary>
    public Task User(string name) => Admin.User(Pool, name, Password, JsonNode.Parse($$"""
        [{"Name": "email", "Value": "{{name}}@example.com"}, {"Name": "email_verified", "Value": "true"}, {"Name": "name", "Value": "Jo \"{{name}}\" Ünïcode"},
         {"Name": "phone_number", "Value": "+15555550100"}, {"Name": "phone_number_verified", "Value": "false"}, {"Name": "address", "Value": "1 Main Street"},
         {"Name": "updated_at", "Value": "1700000000"}, {"Name": "custom:level", "Value": "7"}, {"Name": "custom:coach", "Value": "true"}]
        """)!.AsArray());

    /// <summary>Makes a client that may do everything but machines' work, and returns its id.</summary>
    public async Task<string> Client(string settings = "{}") => (string)(await NewClient(settings))["ClientId"]!;

    /// <summary>Makes a confidential client; its id and secret.</summary>
    public async Task<(string Id, string Secret)> Confidential(string settings = "{}")
    {
        var asked = JsonNode.Parse(settings)!.AsObject();
        asked["GenerateSecret"] = true;
        var made = await NewClient(asked.ToJsonString());
        return ((string)made["ClientId"]!, (string)made["ClientSecret"]!);
    }

    /// <summary>Makes a machine's client; its id and secret.</summary>
    public Task<(string Id, string Secret)> Machine(string scopes = """["api/read", "api/write"]""") =>
        Confidential($$"""{"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": {{scopes}}}""");

    /// <summary>Replaces settings of a client, the others staying as <see cref="Client"/> makes them.</summary>
    public async Task Change(string client, string settings)
    {
        var all = Settings(settings);
        all["ClientId"] = client;
        await Admin.Call("UpdateUserPoolClient", all);
    }

    /// <summary>Asks for a code as a browser does in which the user is signed in; signs in if it must.</summary>
    public async Task<string> Code(string client, params (string Name, string? Value)[] more)
    {
        var location = await Authorize(client, more);
        return Query(location).GetValueOrDefault("code") ?? throw new InvalidOperationException($"No code at {location}");
    }

    /// <summary>Where /oauth2/authorize sends the browser in the end.</summary>
    public async Task<string> Authorize(string client, params (string Name, string? Value)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code", ["client_id"] = client, ["redirect_uri"] = Callback, ["scope"] = "openid",
            ["code_challenge"] = Challenge, ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in more) query[name] = value;
        var text = string.Join('&', query.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
        using var reply = await Browse(HttpMethod.Get, "/oauth2/authorize?" + text);
        var location = reply.Headers.Location?.OriginalString ?? throw new InvalidOperationException($"{reply.StatusCode}: {await reply.Content.ReadAsStringAsync()}");
        return location.StartsWith("/login", StringComparison.Ordinal) ? await SignIn(location) : location;
    }

    /// <summary>Goes through the code flow.</summary>
    public async Task<IssuedTokens> SignIn(string client, string scope = "openid", string? secret = null, params (string Name, string? Value)[] more)
    {
        var code = await Code(client, [("scope", scope), .. more]);
        return Granted(await Redeem(client, code, basic: secret is null ? null : $"{client}:{secret}"));
    }

    /// <summary>Redeems a code with the right verifier.</summary>
    public Task<ApiReply> Redeem(string client, string code, string? verifier = Verifier, string? basic = null, string redirect = Callback) => App.Post("/oauth2/token",
        [("grant_type", "authorization_code"), ("client_id", client), ("code", code), ("redirect_uri", redirect), .. Given("code_verifier", verifier)], basic);

    /// <summary>Signs in through the JSON API.</summary>
    public async Task<IssuedTokens> ApiSignIn(string client, string user = "ana")
    {
        var result = await Admin.SignIn(client, user, Password);
        return new(new() { ["access_token"] = (string?)result["AccessToken"], ["id_token"] = (string?)result["IdToken"], ["refresh_token"] = (string?)result["RefreshToken"] });
    }

    /// <summary>The tokens of a reply that must be one.</summary>
    public static IssuedTokens Granted(ApiReply reply) => reply.Status == 200 ? new(reply.Body) : throw new InvalidOperationException($"{reply.Status} {reply.Body.ToJsonString()}");

    /// <summary>The status and error of a reply.</summary>
    public static (int, string?) Refusal(ApiReply reply) => (reply.Status, (string?)reply.Body["error"]);

    /// <summary>The parameters of a URL's query or fragment.</summary>
    public static Dictionary<string, string> Query(string url) => url[(url.IndexOfAny(['?', '#']) + 1)..].Split('&')
        .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "");

    public static (string, string)[] Given(string name, string? value) => value is null ? [] : [(name, value)];

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>One request with the browser's cookies.</summary>
    public async Task<HttpResponseMessage> Browse(HttpMethod method, string path, (string Name, string Value)[]? form = null)
    {
        using var request = new HttpRequestMessage(method, Server.Url + path);
        if (form is not null) request.Content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        if (cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        var reply = await Server.Http.SendAsync(request);
        foreach (var line in reply.Headers.TryGetValues("Set-Cookie", out var lines) ? lines : [])
            if (line.Split(';')[0].Split('=', 2) is [var name, var value]) cookies[name] = value;
        return reply;
    }

    async Task<string> SignIn(string login)
    {
        using var page = await Browse(HttpMethod.Get, login);
        var csrf = CsrfField().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        using var reply = await Browse(HttpMethod.Post, login, [("username", "ana"), ("password", Password), ("_csrf", csrf)]);
        return reply.Headers.Location?.OriginalString ?? throw new InvalidOperationException($"{reply.StatusCode}: {await reply.Content.ReadAsStringAsync()}");
    }

    async Task<JsonObject> NewClient(string settings) => (await Admin.Call("CreateUserPoolClient", Settings(settings)))["UserPoolClient"]!.AsObject();

    JsonObject Settings(string settings)
    {
        var all = JsonNode.Parse($$"""
            {"ClientName": "web", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
             "AllowedOAuthScopes": ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin", "api/read", "api/write"],
             "CallbackURLs": ["{{Callback}}", "https://app.example.com/cb"], "LogoutURLs": ["{{Callback}}"]}
            """)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject()) all[name] = value?.DeepClone();
        all["UserPoolId"] = Pool;
        return all;
    }

    [GeneratedRegex("name=\"_csrf\" value=\"([^\"]*)\"")]
    private static partial Regex CsrfField();
}
