using System.Text.Json.Nodes;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>A pool of ana's whose function changes tokens, with clients for every grant.</summary>
public sealed class TokenStage : IAsyncLifetime
{
    public Functions Functions { get; private set; } = null!;

    public Realm Realm { get; private set; } = null!;

    /// <summary>The function's calls since it was deployed last.</summary>
    public IReadOnlyList<Invocation> Calls => [.. Functions.Calls("tokens").Skip(skipped)];

    public Invocation Call => Calls.Single();

    int skipped;

    public async ValueTask InitializeAsync()
    {
        Functions = await Functions.Start();
        Realm = new() { Configured = settings => settings with { Triggers = new(Functions.Url) } };
        await Realm.InitializeAsync();
        foreach (var (group, precedence) in ((string, int)[])[("staff", 1), ("members", 2)])
            await Realm.Admin.Call("CreateGroup", new() { ["UserPoolId"] = Realm.Pool, ["GroupName"] = group, ["Precedence"] = precedence, ["RoleArn"] = $"arn:aws:iam::000000000000:role/{group}" });
        await Realm.Admin.Call("AdminAddUserToGroup", new() { ["UserPoolId"] = Realm.Pool, ["Username"] = "ana", ["GroupName"] = "staff" });
    }

    /// <summary>Gives the pool a function of this version that answers so.</summary>
    public Task Answer(string version, string response) => Deploy(version, call => new(Functions.With(call, response)));

    public async Task Deploy(string version, Func<Invocation, FunctionReply> function)
    {
        skipped = Functions.Calls("tokens").Count;
        await Realm.Admin.Call("UpdateUserPool", new()
        {
            ["UserPoolId"] = Realm.Pool,
            ["LambdaConfig"] = new JsonObject { ["PreTokenGenerationConfig"] = new JsonObject { ["LambdaVersion"] = version, ["LambdaArn"] = Functions.Deploy("tokens", function) } },
        });
    }

    public static JsonObject Read(string? token) => App.Claims(JsonValue.Create(token));

    public async ValueTask DisposeAsync()
    {
        await Realm.DisposeAsync();
        await Functions.DisposeAsync();
    }
}

/// <summary>The function that is asked before tokens are minted (cognito/triggers.md §3; traps D 82, E 83, 85, 87, 88).</summary>
public class TokenTests(TokenStage stage) : IClassFixture<TokenStage>
{
    const string V1 = """{"claimsOverrideDetails":{"claimsToAddOrOverride":{"tier":"gold","name":"Somebody"},"claimsToSuppress":["email"]}}""";

    const string V2 = """
        {"claimsAndScopeOverrideDetails":{
          "idTokenGeneration":{"claimsToAddOrOverride":{"tier":{"name":"gold","rank":1},"limits":[1,true,"x"],"email_verified":"false","updated_at":"7"},"claimsToSuppress":["name"]},
          "accessTokenGeneration":{"claimsToAddOrOverride":{"tier":7,"email_verified":"false"},"claimsToSuppress":["cognito:groups"],"scopesToAdd":["orders/read","api/read"],"scopesToSuppress":["api/write"]}}}
        """;

    Realm Realm => stage.Realm;

    [Fact]
    public async Task The_first_version_sees_the_groups_and_changes_the_ID_token_alone()
    {
        await stage.Answer("V1_0", V1);
        var client = await Realm.Client();
        var tokens = await Realm.ApiSignIn(client);
        var attributes = await Attributes();
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{Realm.Pool}}","userName":"ana",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{client}}"},"triggerSource":"TokenGeneration_Authentication",
             "request":{"userAttributes":{{attributes}},
             "groupConfiguration":{"groupsToOverride":["staff"],"iamRolesToOverride":["arn:aws:iam::000000000000:role/staff"],"preferredRole":"arn:aws:iam::000000000000:role/staff"} },
             "response":{"claimsOverrideDetails":null} }
            """, stage.Call);
        var (id, access) = (TokenStage.Read(tokens.Id), TokenStage.Read(tokens.Access));
        Assert.Equal(("gold", "Somebody", false, true), ((string)id["tier"]!, (string)id["name"]!, id.ContainsKey("email"), (bool)id["email_verified"]!));
        Assert.False(access.ContainsKey("tier"));
        Assert.Equal("""["staff"]""", access["cognito:groups"]!.ToJsonString());
        await Claims.Verified(Realm, tokens.Id!);
    }

    [Fact]
    public async Task The_second_version_sees_the_scopes_and_changes_both_tokens()
    {
        await stage.Answer("V2_0", V2);
        var client = await Realm.Client();
        var tokens = await Realm.SignIn(client, "openid profile email api/write");
        Assert.Equal(("2", "TokenGeneration_HostedAuth"), ((string)stage.Call.Event["version"]!, stage.Call.Source));
        Assert.Equal("""["openid","profile","email","api/write"]""", stage.Call.Request["scopes"]!.ToJsonString());
        Assert.Equal(["userAttributes", "scopes", "groupConfiguration"], stage.Call.Request.AsObject().Select(member => member.Key));
        Assert.Equal("""{"claimsAndScopeOverrideDetails":null}""", stage.Call.Event["response"]!.ToJsonString());

        var (id, access) = (await Claims.Verified(Realm, tokens.Id!), await Claims.Verified(Realm, tokens.Access));
        Assert.Equal(("""{"name":"gold","rank":1}""", """[1,true,"x"]""", "false", "7", null),
            (id["tier"]!.ToJsonString(), id["limits"]!.ToJsonString(), id["email_verified"]!.ToJsonString(), id["updated_at"]!.ToJsonString(), id["name"]));
        Assert.Equal(("7", "\"false\"", "openid profile email orders/read api/read", null),
            (access["tier"]!.ToJsonString(), access["email_verified"]!.ToJsonString(), (string)access["scope"]!, access["cognito:groups"]));
        Assert.NotNull(id["cognito:groups"]);
        Assert.NotNull(id["at_hash"]);
    }

    [Fact]
    public async Task What_says_who_and_until_when_cannot_be_changed()
    {
        await stage.Answer("V1_0", """{"claimsOverrideDetails":null}""");
        var client = await Realm.Client();
        var before = await Realm.SignIn(client, "openid profile aws.cognito.signin.user.admin", more: ("nonce", "n"));
        var names = TokenStage.Read(before.Id).Concat(TokenStage.Read(before.Access)).Select(claim => claim.Key)
            .Concat(["acr", "amr", "azp", "nbf", "identities", "device_key", "cognito:x", "dev:custom:x"])
            .Except(["cognito:groups", "cognito:roles", "cognito:preferred_role", "name", "address", "updated_at", "custom:level", "custom:coach", "email", "email_verified", "phone_number", "phone_number_verified"]).Distinct().ToArray();
        var set = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)"forged")));
        var change = new JsonObject
        {
            ["claimsToAddOrOverride"] = set, ["claimsToSuppress"] = new JsonArray([.. names.Select(name => (JsonNode)name)]),
        };
        var onlySet = new JsonObject { ["claimsToAddOrOverride"] = set.DeepClone() };
        foreach (var one in (JsonObject[])[change, onlySet])
        {
            await stage.Answer("V2_0", new JsonObject
            {
                ["claimsAndScopeOverrideDetails"] = new JsonObject { ["idTokenGeneration"] = one.DeepClone(), ["accessTokenGeneration"] = one.DeepClone() },
            }.ToJsonString());
            var after = await Realm.SignIn(client, "openid profile aws.cognito.signin.user.admin", more: ("nonce", "n"));
            Assert.DoesNotContain("forged", TokenStage.Read(after.Access).ToJsonString(), StringComparison.Ordinal);
            Assert.Equal(TokenStage.Read(before.Access).Select(claim => claim.Key), TokenStage.Read(after.Access).Select(claim => claim.Key));
            var id = TokenStage.Read(after.Id);
            // The ID token has no scope of its own, no username and no version: two of these names are protected there all the same.
            Assert.Equal(["scope"], id.Where(claim => claim.Value!.ToJsonString() == "\"forged\"").Select(claim => claim.Key).Concat(ReferenceEquals(one, change) ? ["scope"] : []));
            Assert.Equal(TokenStage.Read(before.Id).Select(claim => claim.Key), id.Select(claim => claim.Key).Except(["scope"]));
        }
    }

    [Fact]
    public async Task A_claim_that_is_set_and_suppressed_is_suppressed()
    {
        await stage.Answer("V1_0", """{"claimsOverrideDetails":{"claimsToAddOrOverride":{"tier":"gold","name":"x"},"claimsToSuppress":["tier","name"]}}""");
        var id = TokenStage.Read((await Realm.ApiSignIn(await Realm.Client())).Id);
        Assert.Equal((false, false), (id.ContainsKey("tier"), id.ContainsKey("name")));
    }

    [Theory]
    [InlineData("V1_0", """{"claimsOverrideDetails":{"groupOverrideDetails":{}}}""")]
    [InlineData("V1_0", """{"claimsOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":null,"iamRolesToOverride":null,"preferredRole":null}}}""")]
    [InlineData("V2_0", """{"claimsAndScopeOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":[]}}}""")]
    public async Task Empty_details_of_groups_take_the_groups_away(string version, string response)
    {
        await stage.Answer(version, response);
        var tokens = await Realm.ApiSignIn(await Realm.Client());
        foreach (var claims in (JsonObject[])[TokenStage.Read(tokens.Id), TokenStage.Read(tokens.Access)])
            Assert.DoesNotContain(claims, claim => claim.Key is "cognito:groups" or "cognito:roles" or "cognito:preferred_role");
    }

    [Fact]
    public async Task Other_groups_are_in_both_tokens_and_the_user_stays_where_they_are()
    {
        await stage.Answer("V1_0", """{"claimsOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":["a","b"],"iamRolesToOverride":["r"],"preferredRole":"r"}}}""");
        var tokens = await Realm.ApiSignIn(await Realm.Client());
        var (id, access) = (TokenStage.Read(tokens.Id), TokenStage.Read(tokens.Access));
        Assert.Equal(("""["a","b"]""", """["a","b"]""", """["r"]""", "r"),
            (id["cognito:groups"]!.ToJsonString(), access["cognito:groups"]!.ToJsonString(), id["cognito:roles"]!.ToJsonString(), (string)id["cognito:preferred_role"]!));
        var groups = await Realm.Admin.Call("AdminListGroupsForUser", new() { ["UserPoolId"] = Realm.Pool, ["Username"] = "ana" });
        Assert.Equal("staff", (string)groups["Groups"]!.AsArray().Single()!["GroupName"]!);
    }

    [Fact]
    public async Task Suppressed_groups_take_the_roles_with_them()
    {
        await stage.Answer("V1_0", """{"claimsOverrideDetails":{"claimsToSuppress":["cognito:groups"]}}""");
        var id = TokenStage.Read((await Realm.ApiSignIn(await Realm.Client())).Id);
        Assert.DoesNotContain(id, claim => claim.Key is "cognito:groups" or "cognito:roles" or "cognito:preferred_role");
    }

    [Theory]
    [InlineData("V1_0", """{"claimsOverrideDetails":{"claimsToAddOrOverride":{"tier":7}}}"""), InlineData("V1_0", """{"claimsOverrideDetails":[]}""")]
    [InlineData("V2_0", """{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToAdd":"api/read"}}}"""), InlineData("V2_0", """{"claimsAndScopeOverrideDetails":{"idTokenGeneration":{"claimsToSuppress":[1]}}}""")]
    public async Task Wrong_types_are_no_answer(string version, string response)
    {
        await stage.Answer(version, response);
        var reply = await Realm.Admin.Try("InitiateAuth", Password(await Realm.Client()), signed: false);
        Assert.Equal(("InvalidLambdaResponseException", "Unrecognizable lambda output"), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task A_token_that_lost_the_scope_of_the_API_is_refused_there()
    {
        await stage.Answer("V2_0", """{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToSuppress":["aws.cognito.signin.user.admin"]}}}""");
        var tokens = await Realm.ApiSignIn(await Realm.Client());
        Assert.False(TokenStage.Read(tokens.Access).ContainsKey("scope"));
        var reply = await Realm.Admin.Try("GetUser", new() { ["AccessToken"] = tokens.Access }, signed: false);
        Assert.Equal(("NotAuthorizedException", "Access Token does not have required scopes"), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task What_the_servers_own_endpoints_go_by_cannot_be_added()
    {
        await stage.Answer("V2_0", """
            {"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"claimsToAddOrOverride":{"scope":"poolhouse/introspect","aud":"other"},
             "scopesToAdd":["poolhouse/introspect","poolhouse/revocations.read","aws.cognito.signin.user.admin","two words","tab\there","fine"]}}}
            """);
        var access = TokenStage.Read((await Realm.SignIn(await Realm.Client(), "openid")).Access);
        Assert.Equal(("openid fine", false), ((string)access["scope"]!, access.ContainsKey("aud")));
    }

    [Fact]
    public async Task An_audience_may_be_the_client_and_does_not_replace_another()
    {
        var client = await Realm.Client();
        await stage.Answer("V2_0", $$$"""{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"claimsToAddOrOverride":{"aud":"{{{client}}}"} } } }""");
        Assert.Equal(client, (string)TokenStage.Read((await Realm.SignIn(client)).Access)["aud"]!);
        Assert.Equal("https://api.example.com", (string)TokenStage.Read((await Realm.SignIn(client, more: ("resource", "https://api.example.com"))).Access)["aud"]!);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_refresh_asks_again_on_every_surface(bool rotating)
    {
        await stage.Deploy("V2_0", call => new(Functions.With(call, $$$"""
            {"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"claimsToAddOrOverride":{"seen":"{{{call.Source}}} {{{call.Request["clientMetadata"]?["m"]}}}"} } } }
            """)));
        var client = await Realm.Client(rotating
            ? """{"RefreshTokenRotation": {"Feature": "ENABLED"}}""" : """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""");
        var hosted = await Realm.SignIn(client);
        var refreshed = Realm.Granted(await Realm.App.Refresh(client, hosted.Refresh));
        Assert.Equal("TokenGeneration_RefreshTokens ", (string)TokenStage.Read(refreshed.Access)["seen"]!);
        var token = rotating ? refreshed.Refresh : hosted.Refresh;
        var gotten = await Realm.Admin.Call("GetTokensFromRefreshToken", new() { ["ClientId"] = client, ["RefreshToken"] = token, ["ClientMetadata"] = new JsonObject { ["m"] = "1" } });
        Assert.Equal("TokenGeneration_RefreshTokens 1", (string)TokenStage.Read((string?)gotten["AuthenticationResult"]!["AccessToken"])["seen"]!);
        if (rotating) return;
        var initiated = await Realm.Admin.Call("InitiateAuth", new()
        {
            ["ClientId"] = client, ["AuthFlow"] = "REFRESH_TOKEN_AUTH", ["AuthParameters"] = new JsonObject { ["REFRESH_TOKEN"] = token }, ["ClientMetadata"] = new JsonObject { ["m"] = "2" },
        });
        Assert.Equal("TokenGeneration_RefreshTokens ", (string)TokenStage.Read((string?)initiated["AuthenticationResult"]!["AccessToken"])["seen"]!);
    }

    [Fact]
    public async Task Metadata_of_InitiateAuth_does_not_arrive_and_that_of_an_answer_does()
    {
        await stage.Answer("V1_0", "{}");
        var client = await Realm.Client();
        var asked = Password(client);
        asked["ClientMetadata"] = new JsonObject { ["m"] = "1" };
        await Realm.Admin.Call("InitiateAuth", asked);
        Assert.Null(stage.Call.Request["clientMetadata"]);

        await Realm.Admin.Call("AdminCreateUser", new() { ["UserPoolId"] = Realm.Pool, ["Username"] = "new", ["TemporaryPassword"] = "Temp0rary-1", ["MessageAction"] = "SUPPRESS" });
        var challenge = await Realm.Admin.Call("InitiateAuth", Password(client, "new", "Temp0rary-1"));
        await Realm.Admin.Call("RespondToAuthChallenge", new()
        {
            ["ClientId"] = client, ["ChallengeName"] = "NEW_PASSWORD_REQUIRED", ["Session"] = (string)challenge["Session"]!, ["ClientMetadata"] = new JsonObject { ["m"] = "2" },
            ["ChallengeResponses"] = new JsonObject { ["USERNAME"] = "new", ["NEW_PASSWORD"] = "Passw0rd-1" },
        });
        Assert.Equal(("TokenGeneration_NewPasswordChallenge", "2"), (stage.Calls[^1].Source, (string?)stage.Calls[^1].Request["clientMetadata"]!["m"]));
    }

    [Theory]
    [InlineData("V1_0"), InlineData("V2_0")]
    public async Task A_machine_asks_the_third_version_only(string version)
    {
        await stage.Answer(version, "{}");
        var (id, secret) = await Realm.Machine();
        Realm.Granted(await Realm.App.Post("/oauth2/token", [("grant_type", "client_credentials")], $"{id}:{secret}"));
        Assert.Empty(stage.Calls);
    }

    [Fact]
    public async Task A_machines_token_is_changed_by_the_third_version()
    {
        await stage.Answer("V3_0", """
            {"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"claimsToAddOrOverride":{"tenant":"t1","sub":"forged","event_id":"forged"},"scopesToAdd":["extra","poolhouse/introspect"],"scopesToSuppress":["api/write"]}}}
            """);
        var (id, secret) = await Realm.Machine();
        var reply = await Realm.App.Post("/oauth2/token", [("grant_type", "client_credentials"), ("aws_client_metadata", Uri.EscapeDataString("""{"m":"1"}"""))], $"{id}:{secret}");
        Same($$"""
            {"version":"3","region":"us-east-1","userPoolId":"{{Realm.Pool}}","userName":"ClientCredentials",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{id}}"},"triggerSource":"TokenGeneration_ClientCredentials",
             "request":{"userAttributes":{},"scopes":["api/read","api/write"],"groupConfiguration":null,"clientMetadata":{"m":"1"} },
             "response":{"claimsAndScopeOverrideDetails":null} }
            """, stage.Call);
        var access = TokenStage.Read((string?)reply.Body["access_token"]);
        Assert.Equal(("t1", id, "api/read extra", false), ((string)access["tenant"]!, (string)access["sub"]!, (string)access["scope"]!, access.ContainsKey("event_id")));
        Assert.False(reply.Body.ContainsKey("id_token"));

        await Realm.ApiSignIn(await Realm.Client());
        Assert.Equal("3", (string)stage.Calls[^1].Event["version"]!);
    }

    [Theory]
    [InlineData("[]"), InlineData("{"), InlineData("""{"m":1}""")]
    public async Task Metadata_that_is_no_object_of_texts_is_an_invalid_request(string metadata)
    {
        await stage.Answer("V3_0", "{}");
        var (id, secret) = await Realm.Machine();
        var reply = await Realm.App.Post("/oauth2/token", [("grant_type", "client_credentials"), ("aws_client_metadata", Uri.EscapeDataString(metadata))], $"{id}:{secret}");
        Assert.Equal((400, "invalid_request"), Realm.Refusal(reply));
    }

    [Fact]
    public async Task Null_details_leave_the_tokens_as_they_are()
    {
        await stage.Answer("V2_0", """{"claimsAndScopeOverrideDetails":null}""");
        var tokens = await Realm.ApiSignIn(await Realm.Client());
        Assert.Equal(Session.ApiScope, (string)TokenStage.Read(tokens.Access)["scope"]!);
        Assert.Equal("""["staff"]""", TokenStage.Read(tokens.Id)["cognito:groups"]!.ToJsonString());
    }

    async Task<string> Attributes()
    {
        var user = await Realm.Admin.Call("AdminGetUser", new() { ["UserPoolId"] = Realm.Pool, ["Username"] = "ana" });
        var given = user["UserAttributes"]!.AsArray();
        var all = new JsonObject { ["sub"] = (string)given[0]!["Value"]!, ["cognito:user_status"] = "CONFIRMED" };
        foreach (var one in given.Skip(1)) all[(string)one!["Name"]!] = (string)one["Value"]!;
        return all.ToJsonString();
    }

    static JsonObject Password(string client, string username = "ana", string password = Realm.Password) => new()
    {
        ["AuthFlow"] = "USER_PASSWORD_AUTH", ["ClientId"] = client, ["AuthParameters"] = new JsonObject { ["USERNAME"] = username, ["PASSWORD"] = password },
    };
}
