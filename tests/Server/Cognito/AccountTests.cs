using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class AccountTests
{
    const string Verifying = """{"AutoVerifiedAttributes": ["email"], "AliasAttributes": ["email"]}""";

    [Fact]
    public async Task Signing_up_sends_a_code_that_confirms_and_verifies()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Verifying);
        var reply = await SignUp(app, "ana");
        Assert.Equal(["CodeDeliveryDetails", "UserConfirmed", "UserSub"], reply.Body.Select(member => member.Key).Order());
        Assert.False((bool)reply.Body["UserConfirmed"]!);
        Assert.Equal("""{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}""", reply.Body["CodeDeliveryDetails"]!.ToJsonString());

        var wrong = await Confirm(app, "ana", "wrong");
        Assert.Equal(("CodeMismatchException", "Invalid verification code provided, please try again."), (wrong.Error, wrong.Message));
        var confirmed = await Confirm(app, "ana", await app.Code("ana"));
        Assert.Equal((200, "{}"), (confirmed.Status, confirmed.Body.ToJsonString()));
        Assert.Equal("User cannot be confirmed. Current status is CONFIRMED", (await Confirm(app, "ana", "123456")).Message);
        var id = App.Claims((await app.SignIn("ana@example.com"))["IdToken"]);
        Assert.True((bool)id["email_verified"]!);
        Assert.Equal((string)reply.Body["UserSub"]!, (string)id["sub"]!);
    }

    [Fact]
    public async Task Without_anything_to_verify_no_code_is_sent_and_none_can_be_asked_for()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        Assert.False((await SignUp(app, "ana")).Body.ContainsKey("CodeDeliveryDetails"));
        var resend = await app.Try("ResendConfirmationCode", """{"Username": "ana"}""");
        Assert.Equal(("InvalidParameterException", "Cannot resend codes. Auto verification not turned on."), (resend.Error, resend.Message));
    }

    [Theory]
    [InlineData("UsernameExistsException", "User already exists", """ "Username": "ana", "Password": "Passw0rd-1" """)]
    [InlineData("InvalidPasswordException", "Password did not conform with policy: Password must have symbol characters", """ "Username": "bob", "Password": "Passw0rd1" """)]
    [InlineData("InvalidParameterException", "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null", """ "Username": "bob" """)]
    [InlineData("NotAuthorizedException", "A client attempted to write unauthorized attribute",
        """ "Username": "bob", "Password": "Passw0rd-1", "UserAttributes": [{"Name": "email_verified", "Value": "true"}] """)]
    [InlineData("InvalidParameterException", "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.\n",
        """ "Username": "bob", "Password": "Passw0rd-1", "UserAttributes": [{"Name": "custom:x", "Value": "1"}] """)]
    public async Task A_sign_up_that_cannot_be_is_refused_in_the_services_words(string type, string message, string body)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Verifying);
        await SignUp(app, "ana");
        var reply = await app.Try("SignUp", $"{{{body}}}");
        Assert.Equal((type, message), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task Where_only_administrators_make_users_nobody_signs_up()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: """{"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true}}""");
        var reply = await SignUp(app, "ana");
        Assert.Equal(("NotAuthorizedException", "SignUp is not permitted for this user pool"), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task A_code_that_is_sent_again_replaces_the_one_before()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Verifying);
        await SignUp(app, "ana");
        var first = await app.Code("ana");
        var second = first;
        // One of a million codes is the same again.
        for (var sent = 0; second == first && sent < 3; sent++)
        {
            var reply = await app.Try("ResendConfirmationCode", """{"Username": "ana"}""");
            Assert.Equal("a***@e***", (string)reply.Body["CodeDeliveryDetails"]!["Destination"]!);
            second = await app.Code("ana");
        }
        Assert.Equal("CodeMismatchException", (await Confirm(app, "ana", first)).Error);
        Assert.Equal(200, (await Confirm(app, "ana", second)).Status);
        var late = await app.Try("ResendConfirmationCode", """{"Username": "ana"}""");
        Assert.Equal(("InvalidParameterException", "User is already confirmed."), (late.Error, late.Message));
    }

    [Fact]
    public async Task An_address_that_another_user_has_proven_is_refused_at_the_confirmation_unless_it_is_insisted_on()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Verifying);
        await SignUp(app, "ana");
        await Confirm(app, "ana", await app.Code("ana"));
        Assert.Equal(200, (await SignUp(app, "eve", "ana@example.com")).Status);
        var code = await app.Code("eve");

        var refused = await Confirm(app, "eve", code);
        Assert.Equal(("AliasExistsException", "An account with the email already exists."), (refused.Error, refused.Message));
        Assert.Equal(200, (await app.Try("ConfirmSignUp", $$"""{"Username": "eve", "ConfirmationCode": "{{code}}", "ForceAliasCreation": true}""")).Status);
        Assert.Equal("eve", (string)App.Claims((await app.SignIn("ana@example.com"))["AccessToken"])["username"]!);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_forgotten_password_is_replaced_once_and_sessions_end_only_where_the_pool_says_so(string ends)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: $$$"""{"UserPoolTags": {"poolhouse:RevokeOnPasswordChange": "{{{ends}}}"}}""");
        await app.User("ana");
        var session = await app.SignIn("ana");
        var sent = await app.Try("ForgotPassword", """{"Username": "ana"}""");
        Assert.Equal("a***@e***", (string)sent.Body["CodeDeliveryDetails"]!["Destination"]!);
        var code = await app.Code("ana");

        Assert.Equal("InvalidPasswordException", (await Reset(app, "ana", code, "weak")).Error);
        Assert.Equal("{}", (await Reset(app, "ana", code, "Other-1234")).Body.ToJsonString());
        var replay = await Reset(app, "ana", code, "Third-1234");
        Assert.Equal(("ExpiredCodeException", "Invalid code provided, please request a code again."), (replay.Error, replay.Message));
        Assert.Equal(200, (await app.TrySignIn("ana", "Other-1234")).Status);
        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("ana")).Message);
        Assert.Equal(ends == "true" ? 400 : 200, (await app.Refresh((string)session["RefreshToken"]!)).Status);
    }

    [Fact]
    public async Task Who_cannot_be_sent_a_code_is_told_why_where_nothing_is_hidden()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.Admin.User(app.PoolId, "bare");
        await app.User("off");
        await app.About("off", "AdminDisableUser");
        await app.About("temp", "AdminCreateUser", """{"MessageAction": "SUPPRESS", "UserAttributes": [{"Name": "email", "Value": "t@example.com"}, {"Name": "email_verified", "Value": "true"}]}""");
        async Task<(string?, string?)> Forgot(string name)
        {
            var reply = await app.Try("ForgotPassword", $$"""{"Username": "{{name}}"}""");
            return (reply.Error, reply.Message);
        }

        Assert.Equal(("InvalidParameterException", "Cannot reset password for the user as there is no registered/verified email or phone_number"), await Forgot("bare"));
        Assert.Equal(("NotAuthorizedException", "User is disabled."), await Forgot("off"));
        Assert.Equal(("NotAuthorizedException", "User password cannot be reset in the current state."), await Forgot("temp"));
        Assert.Equal(("UserNotFoundException", "User does not exist."), await Forgot("nobody"));
        Assert.Equal("UserNotFoundException", (await Reset(app, "nobody", "123456", "Passw0rd-1")).Error);
        Assert.Equal("UserNotFoundException", (await Confirm(app, "nobody", "123456")).Error);
        Assert.Equal("UserNotFoundException", (await app.Try("ResendConfirmationCode", """{"Username": "nobody"}""")).Error);
    }

    [Fact]
    public async Task Users_see_what_their_client_may_read()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "ReadAttributes": ["email"]}""");
        var all = await App.Start(server, poolId: app.PoolId);
        await app.User("ana");

        var seen = (await app.GetUser((string)(await app.SignIn("ana"))["AccessToken"]!)).Body;
        Assert.Equal(["Username", "UserAttributes"], seen.Select(member => member.Key));
        Assert.Equal(["sub", "email"], seen["UserAttributes"]!.AsArray().Select(attribute => (string)attribute!["Name"]!));
        var open = (await all.GetUser((string)(await all.SignIn("ana"))["AccessToken"]!)).Body["UserAttributes"]!.AsArray();
        Assert.Contains(open, attribute => (string)attribute!["Name"]! == "email_verified" && (string)attribute["Value"]! == "true");
    }

    [Fact]
    public async Task A_password_is_changed_by_who_knows_the_old_one_and_sessions_live_on()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        var session = await app.SignIn("ana");
        var token = (string)session["AccessToken"]!;

        Assert.Equal("Incorrect username or password.", (await app.ChangePassword(token, "Wrong-1234", "Other-1234")).Message);
        Assert.Equal("InvalidPasswordException", (await app.ChangePassword(token, "Passw0rd-1", "weak")).Error);
        Assert.Equal("Missing required parameter PreviousPassword", (await app.ChangePassword(token, null, "Other-1234")).Message);
        Assert.Equal("{}", (await app.ChangePassword(token, "Passw0rd-1", "Other-1234")).Body.ToJsonString());
        Assert.Equal(200, (await app.TrySignIn("ana", "Other-1234")).Status);
        Assert.Equal(400, (await app.TrySignIn("ana")).Status);
        Assert.Equal(200, (await app.Refresh((string)session["RefreshToken"]!)).Status);
        Assert.Equal("Invalid Access Token", (await app.ChangePassword("a.b.c", "Other-1234", "Third-1234")).Message);
    }

    [Fact]
    public async Task A_changed_password_ends_the_sessions_where_the_pool_says_so()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: """{"UserPoolTags": {"poolhouse:RevokeOnPasswordChange": "true"}}""");
        await app.User("ana");
        var session = await app.SignIn("ana");
        Assert.Equal(200, (await app.ChangePassword((string)session["AccessToken"]!, "Passw0rd-1", "Other-1234")).Status);
        Assert.Equal("Access Token has been revoked", (await app.GetUser((string)session["AccessToken"]!)).Message);
        Assert.Equal("Refresh Token has been revoked", (await app.Refresh((string)session["RefreshToken"]!)).Message);
    }

    internal static Task<ApiReply> SignUp(App app, string username, string? email = null) => app.Try("SignUp",
        $$"""{"Username": "{{username}}", "Password": "Passw0rd-1", "UserAttributes": [{"Name": "email", "Value": "{{email ?? username + "@example.com"}}"}]}""");

    internal static Task<ApiReply> Confirm(App app, string username, string code) =>
        app.Try("ConfirmSignUp", $$"""{"Username": "{{username}}", "ConfirmationCode": "{{code}}"}""");

    internal static Task<ApiReply> Reset(App app, string username, string code, string password) =>
        app.Try("ConfirmForgotPassword", $$"""{"Username": "{{username}}", "ConfirmationCode": "{{code}}", "Password": "{{password}}"}""");
}
