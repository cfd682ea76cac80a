using System.Text.Json;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class UserInfoTests(Realm realm) : IClassFixture<Realm>
{
    const string BadToken = "Bearer error=\"invalid_token\", error_description=\"Access token is expired, disabled, or deleted, or the user has globally signed out.\"";

    [Theory]
    [InlineData("openid", "address custom:coach custom:level email email_verified name phone_number phone_number_verified sub updated_at username")]
    [InlineData("openid email", "email email_verified sub username")]
    [InlineData("openid phone", "phone_number phone_number_verified sub username")]
    public async Task It_shows_the_attributes_of_the_scopes_each_as_a_string(string scope, string names)
    {
        var tokens = await realm.SignIn(await realm.Client(), scope);
        var reply = await realm.App.UserInfo(tokens.Access);
        Assert.Equal(200, reply.Status);
        Assert.Equal(names.Split(' '), reply.Body.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.All(reply.Body, member => Assert.Equal(JsonValueKind.String, member.Value!.GetValueKind()));
        if (scope != "openid phone") Assert.Equal("true", (string?)reply.Body["email_verified"]);
        Assert.Equal((string?)(await Claims.Verified(realm, tokens.Access))["sub"], (string?)reply.Body["sub"]);
        Assert.True(reply.Http.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Tokens_without_openid_of_the_JSON_API_and_of_machines_are_refused()
    {
        var client = await realm.Client();
        var (machine, secret) = await realm.Machine();
        var granted = await realm.App.Post("/oauth2/token", [("grant_type", "client_credentials")], $"{machine}:{secret}");
        foreach (var token in (string[])[(await realm.SignIn(client, "api/read")).Access, (await realm.ApiSignIn(client)).Access, (string)granted.Body["access_token"]!])
        {
            var reply = await realm.App.UserInfo(token);
            Assert.Equal((401, "invalid_token"), Realm.Refusal(reply));
            Assert.StartsWith("Bearer error=\"invalid_token\"", reply.Http.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_ID_token_a_refresh_token_and_a_changed_token_are_refused()
    {
        var tokens = await realm.SignIn(await realm.Client());
        foreach (var token in (string[])[tokens.Id!, tokens.Refresh, tokens.Access + "A", tokens.Access[..^4] + "AAAA"])
        {
            var reply = await realm.App.UserInfo(token);
            Assert.Equal((401, "invalid_token"), Realm.Refusal(reply));
            Assert.Equal(BadToken, reply.Http.Headers.WwwAuthenticate.Single().ToString());
        }
    }

    [Fact]
    public async Task Without_a_token_it_is_a_bad_request()
    {
        var client = await realm.Client();
        var tokens = await realm.SignIn(client);
        var reply = await realm.App.UserInfo(null);
        Assert.Equal((400, "invalid_request"), Realm.Refusal(reply));
        Assert.Equal("Bearer error=\"invalid_request\", error_description=\"Bad OAuth2 request at UserInfo Endpoint\"", reply.Http.Headers.WwwAuthenticate.Single().ToString());
        using var inQuery = await realm.Server.Http.GetAsync($"{realm.Server.Url}/oauth2/userInfo?access_token={tokens.Access}");
        Assert.Equal(400, (int)inQuery.StatusCode);
    }

    [Fact]
    public async Task A_changed_attribute_shows_at_once()
    {
        var tokens = await realm.SignIn(await realm.Client());
        await realm.Admin.Call("AdminUpdateUserAttributes", System.Text.Json.Nodes.JsonNode.Parse(
            $$"""{"UserPoolId": "{{realm.Pool}}", "Username": "ana", "UserAttributes": [{"Name": "nickname", "Value": "Annie"}]}""")!.AsObject());
        Assert.Equal("Annie", (string?)(await realm.App.UserInfo(tokens.Access)).Body["nickname"]);
        await realm.Admin.Call("AdminUpdateUserAttributes", System.Text.Json.Nodes.JsonNode.Parse(
            $$"""{"UserPoolId": "{{realm.Pool}}", "Username": "ana", "UserAttributes": [{"Name": "nickname", "Value": ""}]}""")!.AsObject());
    }
}
