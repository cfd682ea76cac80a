using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class ClientAuthenticationTests(Realm realm) : IClassFixture<Realm>
{
    public static TheoryData<string, bool, string?, string?, string?, string> Ways() => new()
    {
        // what                                confidential basic            body id    body secret  result
        { "secret in the header",              true,        "{id}:{secret}", null,      null,        "ok" },
        { "and the same client_id in the body", true,       "{id}:{secret}", "{id}",    null,        "ok" },
        { "secret in the body",                true,        null,            "{id}",    "{secret}",  "ok" },
        { "no secret",                         true,        null,            "{id}",    null,        "invalid_client" },
        { "a wrong secret in the body",        true,        null,            "{id}",    "wrong",     "invalid_client" },
        { "a wrong secret in the header",      true,        "{id}:wrong",    null,      null,        "invalid_client" },
        { "an empty secret in the header",     true,        "{id}:",         null,      null,        "invalid_client" },
        { "another client_id in the body",     true,        "{id}:{secret}", "someone", null,        "invalid_request" },
        { "both ways at once",                 true,        "{id}:{secret}", "{id}",    "{secret}",  "invalid_request" },
        { "a header without a colon",          true,        "{id}",          null,      null,        "invalid_request" },
        { "a header without an id",            true,        ":{secret}",     null,      null,        "invalid_request" },
        { "an unknown client",                 true,        "nobody:secret", null,      null,        "invalid_client" },
        { "a public client",                   false,       null,            "{id}",    null,        "ok" },
        { "a public client with a secret",     false,       null,            "{id}",    "secret",    "invalid_client" },
        { "nobody at all",                     false,       null,            null,      null,        "invalid_request" },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task A_client_proves_itself_in_one_way(string what, bool confidential, string? basic, string? id, string? secret, string result)
    {
        var (client, own) = confidential ? await realm.Confidential() : (await realm.Client(), "");
        var session = await realm.SignIn(client, secret: confidential ? own : null);
        string? Of(string? text) => text?.Replace("{id}", client, StringComparison.Ordinal).Replace("{secret}", own, StringComparison.Ordinal);
        var reply = await realm.App.Post("/oauth2/token",
            [("grant_type", "refresh_token"), ("refresh_token", session.Refresh), .. Realm.Given("client_id", Of(id)), .. Realm.Given("client_secret", Of(secret))], Of(basic));
        Assert.Equal((what, result), (what, (string?)reply.Body["error"] ?? "ok"));
        // Cognito answers 400 here, not 401 (RFC 6749 §5.2 would have 401).
        Assert.Equal(result == "ok" ? 200 : 400, reply.Status);
        Assert.False(reply.Http.Headers.Contains("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_machine_gets_an_access_token_with_custom_scopes_and_nothing_else()
    {
        var (client, secret) = await realm.Machine();
        var reply = await Machine(client, secret, null);
        Assert.Equal(["access_token", "expires_in", "token_type"], reply.Body.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal("api/read api/write", (string?)(await Claims.Verified(realm, (string)reply.Body["access_token"]!))["scope"]);
        var narrowed = await Machine(client, secret, "api/write");
        Assert.Equal("api/write", (string?)(await Claims.Verified(realm, (string)narrowed.Body["access_token"]!))["scope"]);
    }

    [Theory]
    [InlineData("openid"), InlineData("aws.cognito.signin.user.admin"), InlineData("api/delete"), InlineData("api/read openid"), InlineData("API/READ")]
    public async Task A_machine_gets_no_scope_that_it_has_not(string scope)
    {
        var (client, secret) = await realm.Machine();
        Assert.Equal((400, "invalid_scope"), Realm.Refusal(await Machine(client, secret, scope)));
    }

    [Fact]
    public async Task A_deleted_scope_is_silently_not_granted_and_comes_back_with_its_resource_server()
    {
        await realm.Admin.Call("CreateResourceServer", System.Text.Json.Nodes.JsonNode.Parse(
            $$"""{"UserPoolId": "{{realm.Pool}}", "Identifier": "gone", "Name": "n", "Scopes": [{"ScopeName": "x", "ScopeDescription": "x"}]}""")!.AsObject());
        var (client, secret) = await realm.Machine("""["api/read", "gone/x"]""");
        await realm.Admin.Call("DeleteResourceServer", new() { ["UserPoolId"] = realm.Pool, ["Identifier"] = "gone" });
        var reply = await Machine(client, secret, null);
        Assert.Equal("api/read", (string?)(await Claims.Verified(realm, (string)reply.Body["access_token"]!))["scope"]);
    }

    [Fact]
    public async Task The_grants_that_a_client_does_not_list_are_not_its()
    {
        var (web, webSecret) = await realm.Confidential();
        Assert.Equal((400, "unauthorized_client"), Realm.Refusal(await Machine(web, webSecret, null)));
        Assert.Equal((400, "unauthorized_client"), Realm.Refusal(await realm.App.Post("/oauth2/token", [("grant_type", "client_credentials"), ("client_id", await realm.Client())])));
        var (machine, secret) = await realm.Machine();
        Assert.Equal((400, "unauthorized_client"), Realm.Refusal(await realm.Redeem(machine, "any", basic: $"{machine}:{secret}")));
    }

    Task<ApiReply> Machine(string client, string secret, string? scope) =>
        realm.App.Post("/oauth2/token", [("grant_type", "client_credentials"), .. Realm.Given("scope", scope)], $"{client}:{secret}");
}
