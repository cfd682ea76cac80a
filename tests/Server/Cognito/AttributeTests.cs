using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

public class AttributeTests
{
    const string Aliases = """{"AutoVerifiedAttributes": ["email", "phone_number"], "AliasAttributes": ["email"]}""";
    const string Emails = """{"AutoVerifiedAttributes": ["email"], "UsernameAttributes": ["email"]}""";
    const string Mismatch = "Invalid verification code provided, please try again.";
    const string Expired = "Invalid code provided, please request a code again.";

    [Fact]
    public async Task A_changed_address_is_unproven_until_the_code_that_went_there_is_entered()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Ana(server, Aliases);
        var changed = await app.Update(token, "email=new@example.com", "name=Ana");
        Assert.Equal("""{"CodeDeliveryDetailsList":[{"Destination":"n***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}]}""", changed.Body.ToJsonString());
        var attributes = await app.AttributesOf(token);
        Assert.Equal(("new@example.com", "false", "Ana"), (attributes["email"], attributes["email_verified"], attributes["name"]));
        foreach (var name in (string[])["ana@example.com", "new@example.com"]) Assert.Equal("UserNotFoundException", (await app.TrySignIn(name)).Error);

        Assert.Equal(("CodeMismatchException", Mismatch), Refused("VerifyUserAttribute", await app.Verify(token, "email", "wrong")));
        var code = await app.Code("ana");
        Assert.Equal(("ExpiredCodeException", Expired), Refused("VerifyUserAttribute", await app.Verify(token, "phone_number", code)));
        Assert.Equal("{}", (await app.Verify(token, "email", code)).Body.ToJsonString());
        Assert.Equal(("ExpiredCodeException", Expired), Refused("VerifyUserAttribute", await app.Verify(token, "email", code)));
        Assert.Equal("true", (await app.AttributesOf(token))["email_verified"]);
        await app.SignIn("new@example.com");
    }

    [Fact]
    public async Task Two_changed_at_once_have_a_code_each_and_nothing_that_stays_the_same_has_one()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Ana(server, Aliases);
        Assert.Empty((await app.Update(token, "email=ana@example.com", "nickname=A")).Body["CodeDeliveryDetailsList"]!.AsArray());
        var sent = (await app.Update(token, "email=new@example.com", "phone_number=+12065550100")).Body["CodeDeliveryDetailsList"]!.AsArray();
        Assert.Equal(["n***@e***", "+*******0100"], sent.Select(one => (string)one!["Destination"]!));
        Assert.Equal(200, (await app.Verify(token, "email", await app.Code("new@example.com"))).Status);
        Assert.Equal(200, (await app.Verify(token, "phone_number", await app.Code(Uri.EscapeDataString("+12065550100")))).Status);
        var attributes = await app.AttributesOf(token);
        Assert.Equal(("true", "true"), (attributes["email_verified"], attributes["phone_number_verified"]));
    }

    [Fact]
    public async Task An_address_that_another_user_signs_in_with_is_refused_and_nothing_changes()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Ana(server, Emails, "ana@example.com");
        await app.Admin.User(app.PoolId, "bo@example.com");
        Assert.Equal(("AliasExistsException", "An account with the given email already exists."),
            Refused("UpdateUserAttributes", await app.Update(token, "email=BO@example.com", "name=Ana")));
        Assert.False((await app.AttributesOf(token)).ContainsKey("name"));

        var (aliases, other) = await Ana(server, Aliases);
        await aliases.User("bo");
        await aliases.Update(other, "email=bo@example.com");
        var code = await aliases.Code("ana");
        foreach (var _ in (int[])[1, 2])
            Assert.Equal(("AliasExistsException", "An account with the email already exists."), Refused("VerifyUserAttribute", await aliases.Verify(other, "email", code)));
    }

    [Fact]
    public async Task Users_write_what_their_client_may_and_never_what_is_proven()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "WriteAttributes": ["email", "name"]}""", Aliases);
        await app.User("ana");
        var token = (await app.SignIn("ana"))["AccessToken"];
        foreach (var change in (string[])["nickname=A", "email_verified=true", "sub=1", "dev:x=1"])
            Assert.Equal(("NotAuthorizedException", "A client attempted to write unauthorized attribute"), Refused("UpdateUserAttributes", await app.Update(token, change)));
        Assert.Equal(("InvalidParameterException", "Attributes did not conform to the schema: email: Invalid email address format.\n"),
            Refused("UpdateUserAttributes", await app.Update(token, "email=nowhere")));
        foreach (var name in (string[])["nickname", "email_verified"])
            Assert.Equal(("NotAuthorizedException", "A client attempted to write unauthorized attribute"), Refused("DeleteUserAttributes", await Delete(app, token, name)));
    }

    [Fact]
    public async Task Attributes_are_deleted_with_their_proof_and_codes_and_required_ones_stay()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: """{"AutoVerifiedAttributes": ["email"], "Schema": [{"Name": "name", "Required": true}, {"Name": "lane", "AttributeDataType": "Number"}]}""");
        await app.Admin.User(app.PoolId, "ana", attributes: JsonNode.Parse(
            App.List("email=ana@example.com", "email_verified=true", "name=Ana", "custom:lane=4", "nickname=A"))!.AsArray());
        var token = (await app.SignIn("ana"))["AccessToken"];
        await app.As(token, "GetUserAttributeVerificationCode", """{"AttributeName": "email"}""");
        Assert.Equal(("InvalidParameterException", "Attributes did not conform to the schema: name: The attribute is required\n"),
            Refused("DeleteUserAttributes", await Delete(app, token, "email", "name")));
        Assert.Equal(("InvalidParameterException", "Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.\n"),
            Refused("DeleteUserAttributes", await Delete(app, token, "custom:none")));

        Assert.Equal("{}", (await Delete(app, token, "email", "custom:lane", "picture")).Body.ToJsonString());
        Assert.Equal(["name", "nickname", "sub"], (await app.AttributesOf(token)).Keys.Order());
        Assert.Equal("ExpiredCodeException", (await app.Verify(token, "email", await app.Code("ana"))).Error);
        Assert.Empty(await app.About("ana", "AdminDeleteUserAttributes", """{"UserAttributeNames": ["nickname"]}"""));
        Assert.Equal(["name", "sub"], (await app.AttributesOf(token)).Keys.Order());
    }

    [Fact]
    public async Task A_code_is_asked_for_where_there_is_somewhere_to_send_it_and_five_times_an_hour()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var (app, token) = await Ana(server, Aliases);
        async Task<ApiReply> Ask(string name) => await app.As(token, "GetUserAttributeVerificationCode", $$"""{"AttributeName": "{{name}}"}""");
        Assert.Equal(("InvalidParameterException", "Only email and phone_number can be verified, not name."), Refused("GetUserAttributeVerificationCode", await Ask("name")));
        Assert.Equal(("InvalidParameterException", "Only email and phone_number can be verified, not name."), Refused("VerifyUserAttribute", await app.Verify(token, "name", "123456")));
        Assert.Equal(("InvalidParameterException", "The user has no phone_number."), Refused("GetUserAttributeVerificationCode", await Ask("phone_number")));
        for (var sent = 0; sent < 5; sent++, clock.Advance(TimeSpan.FromSeconds(1)))
            Assert.Equal("""{"CodeDeliveryDetails":{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}""", (await Ask("email")).Body.ToJsonString());
        const string Later = "Attempt limit exceeded, please try after some time.";
        Assert.Equal(("LimitExceededException", Later), Refused("GetUserAttributeVerificationCode", await Ask("email")));
        Assert.Equal(("TooManyRequestsException", Later), Refused("UpdateUserAttributes", await app.Update(token, "email=new@example.com", "name=Ana")));
        Assert.Equal(["ana@example.com", "true"], (await app.AttributesOf(token)).Where(one => one.Key.StartsWith("email", StringComparison.Ordinal)).Select(one => one.Value));
        Assert.False((await app.AttributesOf(token)).ContainsKey("name"));
        Assert.Equal(200, (await app.Verify(token, "email", await app.Code("ana"))).Status);
    }

    [Fact]
    public async Task Five_guesses_end_a_code_and_twenty_the_guessing()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Ana(server, Aliases);
        await app.Update(token, "email=new@example.com");
        for (var tries = 0; tries < 5; tries++) Assert.Equal("CodeMismatchException", (await app.Verify(token, "email", "wrong")).Error);
        Assert.Equal("ExpiredCodeException", (await app.Verify(token, "email", await app.Code("ana"))).Error);
        for (var tries = 6; tries < 20; tries++) await app.Verify(token, "email", "wrong");
        Assert.Equal(("LimitExceededException", "Attempt limit exceeded, please try after some time."), Refused("VerifyUserAttribute", await app.Verify(token, "email", "wrong")));
    }

    [Theory]
    [InlineData("UpdateUserAttributes", """{"UserAttributes": []}""")]
    [InlineData("DeleteUserAttributes", """{"UserAttributeNames": []}""")]
    [InlineData("GetUserAttributeVerificationCode", """{"AttributeName": "email"}""")]
    [InlineData("VerifyUserAttribute", """{"AttributeName": "email", "Code": "123456"}""")]
    [InlineData("DeleteUser", "{}")]
    public async Task Only_a_live_token_of_the_user_opens_the_account(string operation, string body)
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Ana(server, Aliases);
        Assert.Equal(("NotAuthorizedException", "Invalid Access Token"), Refused(operation, await app.As("a.b.c", operation, body)));
        await app.About("ana", "AdminUserGlobalSignOut");
        Assert.Equal(("NotAuthorizedException", "Access Token has been revoked"), Refused(operation, await app.As(token, operation, body)));
    }

    static Task<ApiReply> Delete(App app, JsonNode? token, params string[] names) =>
        app.As(token, "DeleteUserAttributes", $$"""{"UserAttributeNames": [{{string.Join(", ", names.Select(name => $"\"{name}\""))}}]}""");

    /// <summary>An app in a pool of these settings, and ana's access token; her address is proven.</summary>
    internal static async Task<(App App, JsonNode? Token)> Ana(PoolhouseTestServer server, string pool, string name = "ana")
    {
        var app = await App.Start(server, pool: pool);
        if (name == "ana") await app.User("ana");
        else await app.Admin.User(app.PoolId, name, attributes: JsonNode.Parse(App.List("email_verified=true"))!.AsArray());
        return (app, (await app.SignIn(name))["AccessToken"]);
    }
}
