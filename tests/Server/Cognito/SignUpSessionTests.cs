using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>From a sign-up straight into a session, and signing up without a password.</summary>
public class SignUpSessionTests
{
    const string Choice = """{"ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""";
    const string Mails = """{"AutoVerifiedAttributes": ["email"], "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]} } }""";

    readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Who_has_signed_up_and_confirmed_is_signed_in_without_another_code_and_once()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Choice, Mails);
        var confirmed = await Confirm(app, "ana", await SignUp(app, "ana"));
        var session = (string)confirmed.Body["Session"]!;
        Assert.InRange(session.Length, 20, 2048);

        Assert.Equal(("NotAuthorizedException", "Invalid session for the user."), Refused("InitiateAuth", await Begin(app, "bo", session)));
        var done = await Begin(app, "ana", session);
        Assert.Equal("ana", (string)App.Claims(done.Body["AuthenticationResult"]!["AccessToken"])["username"]!);
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user, session can only be used once."), Refused("InitiateAuth", await Begin(app, "ana", session)));
    }

    [Fact]
    public async Task Of_many_who_go_on_with_one_session_at_once_one_is_signed_in()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Choice, Mails);
        var session = (string)(await Confirm(app, "ana", await SignUp(app, "ana"))).Body["Session"]!;
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Begin(app, "ana", session)));
        Assert.Single(replies, reply => reply.Status == 200);
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal("Invalid session for the user, session can only be used once.", reply.Message));
    }

    [Fact]
    public async Task What_a_sign_up_leaves_signs_nobody_in_before_it_is_confirmed()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Choice, Mails);
        var session = await SignUp(app, "ana");
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user."), Refused("InitiateAuth", await Begin(app, "ana", session)));
        await app.About("ana", "AdminConfirmSignUp");
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user."), Refused("InitiateAuth", await Begin(app, "ana", session)));
    }

    [Fact]
    public async Task A_session_that_is_late_foreign_or_used_does_not_stand_in_the_way_of_the_confirmation_and_is_worth_nothing()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, Choice, Mails);
        var other = await App.Start(server, Choice, poolId: app.PoolId);
        var (late, foreign, none) = (await SignUp(app, "ana"), await SignUp(app, "bo"), await SignUp(app, "cy"));
        Assert.Equal("{}", (await Confirm(other, "bo", foreign)).Body.ToJsonString());
        Assert.Equal("{}", (await Confirm(app, "cy", null)).Body.ToJsonString());
        Assert.NotNull(none);
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("{}", (await Confirm(app, "ana", late)).Body.ToJsonString());
        foreach (var name in (string[])["ana", "bo", "cy"]) Assert.Equal("CONFIRMED", (string)(await app.About(name, "AdminGetUser"))["UserStatus"]!);

        var mine = await SignUp(app, "dee");
        await SignUp(app, "eve");
        Assert.Equal("{}", (await Confirm(app, "eve", mine)).Body.ToJsonString());
        Assert.NotNull((await Confirm(app, "dee", mine)).Body["Session"]);
    }

    [Fact]
    public async Task It_waits_for_its_user_as_long_as_any_challenge()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, Choice, Mails);
        var session = (string)(await Confirm(app, "ana", await SignUp(app, "ana"))).Body["Session"]!;
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user, session is expired."), Refused("InitiateAuth", await Begin(app, "ana", session)));
    }

    [Fact]
    public async Task It_is_a_first_factor_and_no_way_around_a_second_nor_around_being_disabled()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Choice, """{"AutoVerifiedAttributes": ["email"]}""");
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true} }"""));
        var asked = await Begin(app, "ana", (string)(await Confirm(app, "ana", await SignUp(app, "ana"))).Body["Session"]!);
        Assert.Equal("MFA_SETUP", (string)asked.Body["ChallengeName"]!);
        Assert.Null(asked.Body["AuthenticationResult"]);

        var session = (string)(await Confirm(app, "bo", await SignUp(app, "bo"))).Body["Session"]!;
        await app.About("bo", "AdminDisableUser");
        Assert.Equal(("NotAuthorizedException", "User is disabled."), Refused("InitiateAuth", await Begin(app, "bo", session)));
    }

    [Fact]
    public async Task Clients_without_the_choice_get_none()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Mails);
        Assert.Null(await SignUp(app, "ana"));
        var wrong = await Confirm(app, "ana", new string('x', 43));
        Assert.Equal("{}", wrong.Body.ToJsonString());
    }

    [Fact]
    public async Task Where_a_code_signs_in_nobody_needs_a_password_but_somewhere_to_send_it()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Choice, Mails);
        Assert.Equal(("InvalidParameterException", "Attributes did not conform to the schema: email: The attribute is required\n"),
            Refused("SignUp", await app.Try("SignUp", """{"Username": "ana"}""")));
        var made = await app.Try("SignUp", $$"""{"Username": "ana", "UserAttributes": {{App.List("email=ana@example.com")}} }""");
        Assert.Equal(200, made.Status);
        await Confirm(app, "ana", (string?)made.Body["Session"]);

        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "ana"))).Body;
        Assert.Equal(["EMAIL_OTP"], asked["AvailableChallenges"]!.AsArray().Select(one => (string)one!));
        var mail = (await app.Respond("SELECT_CHALLENGE", (string)asked["Session"]!, ("USERNAME", "ana"), ("ANSWER", "EMAIL_OTP"))).Body;
        var done = await app.Respond("EMAIL_OTP", (string)mail["Session"]!, ("USERNAME", "ana"), ("EMAIL_OTP_CODE", await app.Code("ana")));
        var token = done.Body["AuthenticationResult"]!["AccessToken"];
        Assert.Equal("{}", (await app.ChangePassword((string)token!, null, "Passw0rd-1")).Body.ToJsonString());

        var strict = await App.Start(server, Choice);
        Assert.Equal(("InvalidParameterException", "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null"),
            Refused("SignUp", await strict.Try("SignUp", """{"Username": "ana"}""")));
    }

    static async Task<string?> SignUp(App app, string name)
    {
        var reply = await AccountTests.SignUp(app, name);
        return reply.Status == 200 ? (string?)reply.Body["Session"] : throw new InvalidOperationException($"{reply.Error}: {reply.Message}");
    }

    static async Task<ApiReply> Confirm(App app, string name, string? session)
    {
        var reply = await app.Try("ConfirmSignUp", new JsonObject { ["Username"] = name, ["ConfirmationCode"] = await app.Code(name), ["Session"] = session }.ToJsonString());
        return reply.Status == 200 ? reply : throw new InvalidOperationException($"{reply.Error}: {reply.Message}");
    }

    static Task<ApiReply> Begin(App app, string name, string? session) =>
        app.Try("InitiateAuth", $$"""{"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "{{name}}"}, "Session": "{{session}}"}""");
}
