using System.Text.Json.Nodes;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

/// <summary>Whatever ends a session, every endpoint and operation that takes one of its access tokens refuses it from then on.</summary>
public class EndedSessionTests(Realm realm) : IClassFixture<Realm>
{
    // What an operation needs beside the token to get as far as looking at it.
    const string Device = "us-east-1_11111111-1111-1111-1111-111111111111";

    static readonly Dictionary<string, string> Bodies = new()
    {
        ["ChangePassword"] = """{"PreviousPassword": "Passw0rd-1", "ProposedPassword": "Passw0rd-2"}""",
        ["ConfirmDevice"] = $$"""{"DeviceKey": "{{Device}}"}""",
        ["DeleteUserAttributes"] = """{"UserAttributeNames": ["name"]}""",
        ["GetUserAttributeVerificationCode"] = """{"AttributeName": "email"}""",
        ["UpdateUserAttributes"] = """{"UserAttributes": [{"Name": "name", "Value": "Ana"}]}""",
        ["VerifyUserAttribute"] = """{"AttributeName": "email", "Code": "123456"}""",
        ["ForgetDevice"] = $$"""{"DeviceKey": "{{Device}}"}""",
        ["GetDevice"] = $$"""{"DeviceKey": "{{Device}}"}""",
        ["SetUserSettings"] = """{"MFAOptions": []}""",
        ["UpdateDeviceStatus"] = $$"""{"DeviceKey": "{{Device}}"}""",
        ["VerifySoftwareToken"] = """{"UserCode": "123456"}""",
    };

    static readonly Dictionary<string, Func<Realm, string, IssuedTokens, Task>> Ends = new()
    {
        ["/oauth2/revoke"] = (realm, client, tokens) => realm.App.Post("/oauth2/revoke", [("client_id", client), ("token", tokens.Refresh)]),
        ["RevokeToken"] = (realm, client, tokens) => realm.Admin.Call("RevokeToken", new() { ["ClientId"] = client, ["Token"] = tokens.Refresh }),
        ["GlobalSignOut"] = (realm, _, tokens) => realm.Admin.Call("GlobalSignOut", new() { ["AccessToken"] = tokens.Access }),
        ["AdminUserGlobalSignOut"] = (realm, _, _) => realm.Admin.Call("AdminUserGlobalSignOut", Ana(realm)),
        ["AdminDisableUser"] = async (realm, _, _) =>
        {
            await realm.Admin.Call("AdminDisableUser", Ana(realm));
            await realm.Admin.Call("AdminEnableUser", Ana(realm));
        },
        ["reuse"] = async (realm, client, tokens) =>
        {
            await realm.App.Refresh(client, tokens.Refresh);
            realm.Clock.Advance(TimeSpan.FromSeconds(11));
            await realm.App.Refresh(client, tokens.Refresh);
        },
    };

    public static TheoryData<string> Ways() => [.. Ends.Keys];

    [Theory, MemberData(nameof(Ways))]
    public async Task Nothing_takes_a_token_of_a_session_that_has_ended_by(string way)
    {
        var client = await realm.Client("""{"RefreshTokenRotation": {"Feature": "ENABLED"}}""");
        var (guard, secret) = await realm.Machine("""["poolhouse/introspect"]""");
        var tokens = await realm.SignIn(client, "openid aws.cognito.signin.user.admin");
        Assert.Equal(200, (await realm.Admin.Try("GetUser", new() { ["AccessToken"] = tokens.Access }, signed: false)).Status);
        Assert.Equal(200, (await realm.App.UserInfo(tokens.Access)).Status);

        await Ends[way](realm, client, tokens);

        foreach (var operation in Operations.Table.Values.Where(operation => operation.Access == Access.AccessToken))
        {
            var body = JsonNode.Parse(Bodies.GetValueOrDefault(operation.Name, "{}"))!.AsObject();
            body["AccessToken"] = tokens.Access;
            var reply = await realm.Admin.Try(operation.Name, body, signed: false);
            Assert.Equal((operation.Name, "NotAuthorizedException", "Access Token has been revoked"), (operation.Name, reply.Error, reply.Message));
        }
        Assert.Equal((401, "invalid_token"), Realm.Refusal(await realm.App.UserInfo(tokens.Access)));
        Assert.Equal("""{"active":false}""", (await realm.App.Post("/oauth2/introspect", [("token", tokens.Access)], $"{guard}:{secret}")).Body.ToJsonString());
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.App.Refresh(client, tokens.Refresh)));
        Assert.Equal("NotAuthorizedException", (await realm.Admin.Try("GetTokensFromRefreshToken", new() { ["ClientId"] = client, ["RefreshToken"] = tokens.Refresh }, signed: false)).Error);
    }

    [Fact]
    public async Task Nothing_takes_a_token_of_a_deleted_user_or_a_deleted_client()
    {
        await realm.User("zoe");
        var client = await realm.Client();
        var (one, two) = (await realm.ApiSignIn(client, "zoe"), await realm.ApiSignIn(client));
        await realm.Admin.Call("AdminDeleteUser", new() { ["UserPoolId"] = realm.Pool, ["Username"] = "zoe" });
        Assert.Equal("UserNotFoundException", (await realm.Admin.Try("GetUser", new() { ["AccessToken"] = one.Access }, signed: false)).Error);
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.App.Refresh(client, one.Refresh)));
        await realm.Admin.Call("DeleteUserPoolClient", new() { ["UserPoolId"] = realm.Pool, ["ClientId"] = client });
        Assert.Equal("ResourceNotFoundException", (await realm.Admin.Try("GetUser", new() { ["AccessToken"] = two.Access }, signed: false)).Error);
        Assert.Equal((400, "invalid_client"), Realm.Refusal(await realm.App.Refresh(client, two.Refresh)));
    }

    [Fact]
    public async Task A_disabled_user_is_told_so()
    {
        await realm.User("dan");
        var client = await realm.Client();
        var tokens = await realm.ApiSignIn(client, "dan");
        await realm.Admin.Call("AdminDisableUser", new() { ["UserPoolId"] = realm.Pool, ["Username"] = "dan" });
        var reply = await realm.Admin.Try("GetUser", new() { ["AccessToken"] = tokens.Access }, signed: false);
        Assert.Equal(("NotAuthorizedException", "User is disabled."), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task Every_operation_that_takes_an_access_token_wants_the_scope_for_it_and_no_ID_token()
    {
        var client = await realm.Client();
        var tokens = await realm.SignIn(client, "openid");
        foreach (var operation in Operations.Table.Values.Where(operation => operation.Access == Access.AccessToken))
        {
            var body = JsonNode.Parse(Bodies.GetValueOrDefault(operation.Name, "{}"))!.AsObject();
            body["AccessToken"] = tokens.Access;
            var reply = await realm.Admin.Try(operation.Name, body, signed: false);
            Assert.Equal((operation.Name, "NotAuthorizedException", "Access Token does not have required scopes"), (operation.Name, reply.Error, reply.Message));
            body["AccessToken"] = tokens.Id;
            Assert.Equal((operation.Name, "NotAuthorizedException"), (operation.Name, (await realm.Admin.Try(operation.Name, body, signed: false)).Error));
        }
    }

    static JsonObject Ana(Realm realm) => new() { ["UserPoolId"] = realm.Pool, ["Username"] = "ana" };
}
