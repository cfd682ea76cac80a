using System.Text.Json.Nodes;
using Poolhouse.Core;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class ChoiceTests
{
    const string Client = """{"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}""";
    const string Hiding = """{"ExplicitAuthFlows": ["ALLOW_USER_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""";
    const string Pool = """{"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]} } }""";

    [Fact]
    public async Task Without_a_preference_the_user_chooses_out_of_what_the_account_has()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client, Pool);
        await app.User("ana");
        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "ana"))).Body;
        Assert.Equal("SELECT_CHALLENGE", (string)asked["ChallengeName"]!);
        Assert.Equal(["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"], asked["AvailableChallenges"]!.AsArray().Select(one => (string)one!));

        var mail = (await app.Respond("SELECT_CHALLENGE", (string)asked["Session"]!, ("USERNAME", "ana"), ("ANSWER", "EMAIL_OTP"))).Body;
        Assert.Equal(("EMAIL_OTP", "EMAIL", "a***@e***"), ((string)mail["ChallengeName"]!, (string)mail["ChallengeParameters"]!["CODE_DELIVERY_DELIVERY_MEDIUM"]!, (string)mail["ChallengeParameters"]!["CODE_DELIVERY_DESTINATION"]!));
        Assert.Equal(200, (await app.Respond("EMAIL_OTP", (string)mail["Session"]!, ("USERNAME", "ana"), ("EMAIL_OTP_CODE", await app.Code("ana")))).Status);
    }

    [Fact]
    public async Task A_preference_goes_straight_to_its_factor_and_with_the_password_to_the_end()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client, Pool);
        await app.User("ana");
        var srp = new SrpClient();
        Assert.Equal(200, (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "PASSWORD"), ("PASSWORD", "Passw0rd-1"))).Status);
        Assert.Equal("Incorrect username or password.", (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "PASSWORD"), ("PASSWORD", "Passw0rd-2"))).Message);
        var begun = (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "PASSWORD_SRP"), ("SRP_A", srp.A))).Body;
        Assert.Equal(200, (await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, begun, "Passw0rd-1"))).Status);
        var password = (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "PASSWORD"))).Body;
        Assert.Equal("PASSWORD", (string)password["ChallengeName"]!);
        Assert.Equal(200, (await app.Respond("PASSWORD", (string)password["Session"]!, ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"))).Status);
        Assert.Equal("SELECT_CHALLENGE", (string)(await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "SMS_OTP"))).Body["ChallengeName"]!);
    }

    [Fact]
    public async Task A_choice_takes_its_factor_along_and_what_was_not_offered_is_refused()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client, Pool);
        await app.User("ana");
        var session = (string)(await app.Flow("USER_AUTH", ("USERNAME", "ana"))).Body["Session"]!;
        foreach (var factor in (string[])["SMS_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN_MFA"])
            Assert.Equal("InvalidParameterException", (await app.Respond("SELECT_CHALLENGE", session, ("USERNAME", "ana"), ("ANSWER", factor))).Error);
        Assert.Equal(200, (await app.Respond("SELECT_CHALLENGE", session, ("USERNAME", "ana"), ("ANSWER", "PASSWORD"), ("PASSWORD", "Passw0rd-1"))).Status);
        Assert.Equal("Invalid session for the user, session can only be used once.",
            (await app.Respond("SELECT_CHALLENGE", session, ("USERNAME", "ana"), ("ANSWER", "PASSWORD"), ("PASSWORD", "Passw0rd-1"))).Message);
    }

    [Theory]
    [InlineData("PASSWORD")]
    [InlineData("PASSWORD_SRP")]
    public async Task Who_has_chosen_the_password_cannot_go_on_with_another_factor(string chosen)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client, Pool);
        await app.User("ana");
        var session = (string)(await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", chosen))).Body["Session"]!;
        foreach (var other in ((string[])["SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"]).Where(name => name != chosen))
            Assert.Equal("Invalid session for the user.", (await app.Respond(other, session,
                ("USERNAME", "ana"), ("ANSWER", "EMAIL_OTP"), ("PASSWORD", "Passw0rd-1"), ("SRP_A", new SrpClient().A), ("EMAIL_OTP_CODE", "123456"))).Message);
        // The pages answer by the challenge's own name, and a form could carry any factor.
        var attempt = new SignInAttempt((await server.Service<PoolStore>().Find(app.PoolId, default))!, (await server.Service<ClientStore>().Find(app.ClientId, default))!, null);
        foreach (var other in ((string[])["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"]).Where(name => name != chosen))
            Assert.Equal(Refusal.FactorNotOffered, (await Assert.ThrowsAsync<RefusedException>(() =>
                server.Service<ChoiceSignIn>().Answer(attempt, chosen, session, null, new(other, "Passw0rd-1"), default))).Reason);
    }

    [Fact]
    public async Task A_code_confirms_who_has_signed_up_and_not_more()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client, Pool);
        await app.Try("SignUp", """{"Username": "ana", "Password": "Passw0rd-1", "UserAttributes": [{"Name": "email", "Value": "ana@example.com"}]}""");
        Assert.Equal("UserNotConfirmedException", (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "PASSWORD"), ("PASSWORD", "Passw0rd-1"))).Error);
        var mail = (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "EMAIL_OTP"))).Body;
        Assert.Equal(200, (await app.Respond("EMAIL_OTP", (string)mail["Session"]!, ("USERNAME", "ana"), ("EMAIL_OTP_CODE", await app.Code("ana")))).Status);
        Assert.Equal("CONFIRMED", (string)(await app.About("ana", "AdminGetUser"))["UserStatus"]!);
    }

    [Fact]
    public async Task Who_does_not_exist_gets_the_same_choice_and_the_same_end()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, Pool);
        await app.User("ana");
        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "nobody@example.com"))).Body;
        Assert.Equal("SELECT_CHALLENGE", (string)asked["ChallengeName"]!);
        var mail = (await app.Respond("SELECT_CHALLENGE", (string)asked["Session"]!, ("USERNAME", "nobody@example.com"), ("ANSWER", "EMAIL_OTP"))).Body;
        Assert.Equal("n***@e***", (string)mail["ChallengeParameters"]!["CODE_DELIVERY_DESTINATION"]!);
        Assert.Equal("CodeMismatchException", (await app.Respond("EMAIL_OTP", (string)mail["Session"]!, ("USERNAME", "nobody@example.com"), ("EMAIL_OTP_CODE", "123456"))).Error);
        var plain = await App.Start(server, Hiding);
        Assert.Equal("Incorrect username or password.", (await plain.Flow("USER_AUTH", ("USERNAME", "nobody"), ("PREFERRED_CHALLENGE", "PASSWORD"), ("PASSWORD", "x"))).Message);

        var legacy = await App.Start(server, Client, poolId: app.PoolId);
        Assert.Equal("UserNotFoundException", (await legacy.Flow("USER_AUTH", ("USERNAME", "nobody"))).Error);
    }

    [Fact]
    public async Task A_code_alone_is_not_offered_to_who_has_a_second_factor()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client, Pool);
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {} }
            """));
        await app.User("ana");
        await app.About("ana", "AdminSetUserMFAPreference", """{"EmailMfaSettings": {"Enabled": true} }""");
        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "ana"))).Body;
        Assert.Equal(["PASSWORD", "PASSWORD_SRP"], asked["AvailableChallenges"]!.AsArray().Select(one => (string)one!));
        var factors = await app.About("ana", "AdminGetUserAuthFactors");
        Assert.Equal(["PASSWORD", "EMAIL_OTP"], factors["ConfiguredUserAuthFactors"]!.AsArray().Select(one => (string)one!));
    }
}
