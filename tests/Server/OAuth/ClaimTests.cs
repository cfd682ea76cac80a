using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class ClaimTests(Realm realm) : IClassFixture<Realm>
{
    const string Session = "auth_time event_id exp iat iss jti origin_jti sub token_use";
    const string Attributes = "address custom:coach custom:level email email_verified name phone_number phone_number_verified updated_at";

    [Theory]
    [InlineData("openid", Attributes)]
    [InlineData("openid profile", Attributes)]
    [InlineData("openid email profile", Attributes)]
    [InlineData("openid email", "email email_verified")]
    [InlineData("openid phone", "phone_number phone_number_verified")]
    [InlineData("openid phone email", "email email_verified phone_number phone_number_verified")]
    public async Task An_ID_token_of_the_hosted_pages_has_these_claims_and_the_attributes_of_its_scopes(string scope, string attributes)
    {
        var tokens = await realm.SignIn(await realm.Client(), scope, null, ("nonce", "n-1"));
        var id = await Claims.Verified(realm, tokens.Id!);
        Assert.Equal(Sorted($"{Session} {attributes} at_hash aud cognito:username nonce"), id.Names);
        Assert.Equal(["alg", "kid"], id.Header.Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_access_token_of_the_hosted_pages_has_these_claims()
    {
        var client = await realm.Client();
        var access = await Claims.Verified(realm, (await realm.SignIn(client, "openid email")).Access);
        Assert.Equal(Sorted($"{Session} client_id scope username version"), access.Names);
        Assert.Equal(("access", client, "openid email", "ana", 2, realm.Issuer),
            ((string?)access["token_use"], (string?)access["client_id"], (string?)access["scope"], (string?)access["username"], (int)access["version"]!, (string?)access["iss"]));
    }

    [Fact]
    public async Task Tokens_of_the_JSON_API_have_no_version_nonce_or_at_hash_and_every_readable_attribute()
    {
        var tokens = await realm.ApiSignIn(await realm.Client());
        Assert.Equal(Sorted($"{Session} {Attributes} aud cognito:username"), (await Claims.Verified(realm, tokens.Id!)).Names);
        var access = await Claims.Verified(realm, tokens.Access);
        Assert.Equal(Sorted($"{Session} client_id scope username"), access.Names);
        Assert.Equal("aws.cognito.signin.user.admin", (string?)access["scope"]);
    }

    [Fact]
    public async Task A_machines_token_names_the_client_as_its_subject()
    {
        var (client, secret) = await realm.Machine();
        var reply = await realm.App.Post("/oauth2/token", [("grant_type", "client_credentials")], $"{client}:{secret}");
        var access = await Claims.Verified(realm, (string)reply.Body["access_token"]!);
        Assert.Equal(Sorted("auth_time client_id exp iat iss jti scope sub token_use version"), access.Names);
        Assert.Equal((client, client), ((string?)access["sub"], (string?)access["client_id"]));
        Assert.Equal((long)access["iat"]!, (long)access["auth_time"]!);
    }

    [Fact]
    public async Task Claims_have_the_types_that_verifiers_expect()
    {
        var client = await realm.Client();
        var id = await Claims.Verified(realm, (await realm.SignIn(client)).Id!);
        foreach (var number in (string[])["auth_time", "exp", "iat", "updated_at"]) Assert.Equal((number, JsonValueKind.Number), (number, id[number]!.GetValueKind()));
        foreach (var text in (string[])["sub", "iss", "aud", "jti", "origin_jti", "event_id", "custom:level", "custom:coach", "email", "name"])
            Assert.Equal((text, JsonValueKind.String), (text, id[text]!.GetValueKind()));
        Assert.Equal((true, false), ((bool)id["email_verified"]!, (bool)id["phone_number_verified"]!));
        Assert.Equal("""{"formatted":"1 Main Street"}""", id["address"]!.ToJsonString());
        Assert.Equal((client, "id", "ana", "Jo \"ana\" Ünïcode"), ((string?)id["aud"], (string?)id["token_use"], (string?)id["cognito:username"], (string?)id["name"]));
    }

    [Fact]
    public async Task The_two_tokens_of_a_session_share_it_and_differ_in_key_and_jti()
    {
        var tokens = await realm.SignIn(await realm.Client());
        var (id, access) = (await Claims.Verified(realm, tokens.Id!), await Claims.Verified(realm, tokens.Access));
        Assert.NotEqual((string?)id.Header["kid"], (string?)access.Header["kid"]);
        Assert.NotEqual((string?)id["jti"], (string?)access["jti"]);
        Assert.Equal((string?)id["origin_jti"], (string?)access["origin_jti"]);
        Assert.Equal((string?)id["event_id"], (string?)access["event_id"]);
        var half = SHA256.HashData(Encoding.ASCII.GetBytes(tokens.Access)).AsSpan(0, 16);
        Assert.Equal(Base64Url.EncodeToString(half), (string?)id["at_hash"]);
    }

    [Fact]
    public async Task A_refresh_keeps_who_signed_in_when_and_renews_the_rest()
    {
        var client = await realm.Client();
        var first = await realm.SignIn(client, "openid email", null, ("nonce", "once"));
        realm.Clock.Advance(TimeSpan.FromMinutes(7));
        var second = Realm.Granted(await realm.App.Refresh(client, first.Refresh));
        foreach (var (before, after) in new[] { (first.Id!, second.Id!), (first.Access, second.Access) })
        {
            var (old, now) = (await Claims.Verified(realm, before), await Claims.Verified(realm, after));
            foreach (var kept in (string[])["sub", "auth_time", "origin_jti", "event_id", "iss", "token_use"]) Assert.Equal((kept, old[kept]!.ToString()), (kept, now[kept]!.ToString()));
            Assert.NotEqual((string?)old["jti"], (string?)now["jti"]);
            Assert.Equal((long)old["iat"]! + 420, (long)now["iat"]!);
            Assert.Equal((long)old["exp"]! + 420, (long)now["exp"]!);
            Assert.Null(now["nonce"]);
        }
        Assert.Equal("once", (string?)(await Claims.Verified(realm, first.Id!))["nonce"]);
        Assert.NotNull((await Claims.Verified(realm, second.Id!))["at_hash"]);
    }

    [Fact]
    public async Task Claims_follow_the_birth_of_the_session_and_not_the_surface_that_refreshes_it()
    {
        var client = await realm.Client();
        var born = await realm.ApiSignIn(client);
        var refreshed = Realm.Granted(await realm.App.Refresh(client, born.Refresh));
        Assert.Equal((await Claims.Verified(realm, born.Id!)).Names, (await Claims.Verified(realm, refreshed.Id!)).Names);
        Assert.Null((await Claims.Verified(realm, refreshed.Access))["version"]);

        var hosted = await realm.SignIn(client, "aws.cognito.signin.user.admin");
        var through = await realm.Admin.Call("GetTokensFromRefreshToken", new() { ["ClientId"] = client, ["RefreshToken"] = hosted.Refresh });
        Assert.Null(through["AuthenticationResult"]!["IdToken"]);
        Assert.Equal(2, (int)(await Claims.Verified(realm, (string)through["AuthenticationResult"]!["AccessToken"]!))["version"]!);
    }

    [Fact]
    public async Task Without_revocation_tokens_have_no_jti_unless_the_client_rotates()
    {
        var plain = await realm.SignIn(await realm.Client("""{"EnableTokenRevocation": false}"""));
        var rotating = await realm.SignIn(await realm.Client("""{"EnableTokenRevocation": false, "RefreshTokenRotation": {"Feature": "ENABLED"}}"""));
        foreach (var token in (string[])[plain.Id!, plain.Access])
        {
            var claims = await Claims.Verified(realm, token);
            Assert.True(claims["jti"] is null && claims["origin_jti"] is null && claims["event_id"] is not null);
        }
        Assert.Equal((string?)(await Claims.Verified(realm, rotating.Access))["event_id"], (string?)(await Claims.Verified(realm, rotating.Access))["origin_jti"]);
    }

    [Fact]
    public async Task A_resource_becomes_the_audience_of_access_tokens_and_stays_over_refreshes()
    {
        var client = await realm.Client();
        var tokens = await realm.SignIn(client, "openid api/read", null, ("resource", "https://api.example.com/v1"));
        Assert.Equal("https://api.example.com/v1", (string?)(await Claims.Verified(realm, tokens.Access))["aud"]);
        Assert.Equal(client, (string?)(await Claims.Verified(realm, tokens.Id!))["aud"]);
        var refreshed = Realm.Granted(await realm.App.Refresh(client, tokens.Refresh));
        Assert.Equal("https://api.example.com/v1", (string?)(await Claims.Verified(realm, refreshed.Access))["aud"]);
    }

    [Fact]
    public async Task Groups_and_roles_are_read_again_at_every_refresh_and_the_lowest_precedence_is_preferred()
    {
        await realm.User("gina");
        var client = await realm.Client();
        var session = await realm.ApiSignIn(client, "gina");
        Assert.Null((await Claims.Verified(realm, session.Id!))["cognito:groups"]);

        await Group("swimmers", """, "Precedence": 5, "RoleArn": "arn:aws:iam::000000000000:role/swim" """);
        await Group("coaches", """, "Precedence": 1, "RoleArn": "arn:aws:iam::000000000000:role/coach" """);
        await Group("guests", "");
        var id = await Refreshed(client, session, access: false);
        Assert.Equal(["coaches", "guests", "swimmers"], Texts(id["cognito:groups"]));
        Assert.Equal(["arn:aws:iam::000000000000:role/coach", "arn:aws:iam::000000000000:role/swim"], Texts(id["cognito:roles"]));
        Assert.Equal("arn:aws:iam::000000000000:role/coach", (string?)id["cognito:preferred_role"]);
        var access = await Refreshed(client, session, access: true);
        Assert.Equal(["coaches", "guests", "swimmers"], Texts(access["cognito:groups"]));
        Assert.Null(access["cognito:roles"]);

        await Group("heads", """, "Precedence": 1, "RoleArn": "arn:aws:iam::000000000000:role/head" """);
        Assert.Null((await Refreshed(client, session, access: false))["cognito:preferred_role"]);
    }

    [Fact]
    public async Task Attributes_that_the_client_may_not_read_are_in_no_token()
    {
        var tokens = await realm.ApiSignIn(await realm.Client("""{"ReadAttributes": ["name", "custom:level"]}"""));
        Assert.Equal(Sorted($"{Session} aud cognito:username custom:level name"), (await Claims.Verified(realm, tokens.Id!)).Names);
    }

    [Fact]
    public async Task The_implicit_flow_puts_tokens_into_the_fragment_and_never_a_refresh_token()
    {
        var client = await realm.Client("""{"AllowedOAuthFlows": ["implicit"]}""");
        var location = await realm.Authorize(client, ("response_type", "token"), ("code_challenge", null), ("code_challenge_method", null), ("state", "s"), ("nonce", "n"));
        Assert.StartsWith(Realm.Callback + "#", location, StringComparison.Ordinal);
        var answer = Realm.Query(location);
        Assert.Equal(["access_token", "expires_in", "id_token", "iss", "state", "token_type"], answer.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("n", (string?)(await Claims.Verified(realm, answer["id_token"]))["nonce"]);
    }

    async Task Group(string name, string more)
    {
        await realm.Admin.Call("CreateGroup", JsonNode.Parse($$"""{"UserPoolId": "{{realm.Pool}}", "GroupName": "{{name}}" {{more}}}""")!.AsObject());
        await realm.Admin.Call("AdminAddUserToGroup", new() { ["UserPoolId"] = realm.Pool, ["GroupName"] = name, ["Username"] = "gina" });
    }

    async Task<Claims> Refreshed(string client, IssuedTokens session, bool access)
    {
        var tokens = Realm.Granted(await realm.App.Refresh(client, session.Refresh));
        return await Claims.Verified(realm, access ? tokens.Access : tokens.Id!);
    }

    static string[] Texts(JsonNode? array) => [.. array!.AsArray().Select(text => (string)text!).Order(StringComparer.Ordinal)];

    static string[] Sorted(string names) => [.. names.Split(' ').Order(StringComparer.Ordinal)];
}
