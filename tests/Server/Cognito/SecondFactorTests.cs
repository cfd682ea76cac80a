using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class SecondFactorTests
{
    const string Sms = """{"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}""";

    readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task An_authenticator_app_is_set_up_by_a_signed_in_user_and_then_asked_for()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "OPTIONAL");
        await app.User("ana");
        var token = (await app.SignIn("ana"))["AccessToken"];
        var phone = await AuthenticatorApp.Enroll(app, token, server.Now);
        var user = (await app.GetUser((string)token!)).Body;
        Assert.Equal(("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA"), ((string)user["PreferredMfaSetting"]!, (string)user["UserMFASettingList"]![0]!));

        clock.Advance(TimeSpan.FromSeconds(30));
        var asked = (await app.TrySignIn("ana")).Body;
        Assert.Equal(("SOFTWARE_TOKEN_MFA", "Ana's phone"), ((string)asked["ChallengeName"]!, (string)asked["ChallengeParameters"]!["FRIENDLY_DEVICE_NAME"]!));
        Assert.Null(asked["AuthenticationResult"]);
        var wrong = await Code(app, asked, "000000");
        Assert.Equal(("CodeMismatchException", "Invalid code received for user"), (wrong.Error, wrong.Message));
        Assert.NotNull((await Code(app, asked, phone.Code(server.Now))).Body["AuthenticationResult"]!["RefreshToken"]);
    }

    [Fact]
    public async Task A_code_of_the_app_is_taken_once_in_whichever_sign_in()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "OPTIONAL");
        await app.User("ana");
        var phone = await AuthenticatorApp.Enroll(app, (await app.SignIn("ana"))["AccessToken"], server.Now);
        clock.Advance(TimeSpan.FromSeconds(30));
        var (one, two) = ((await app.TrySignIn("ana")).Body, (await app.TrySignIn("ana")).Body);
        var code = phone.Code(server.Now);
        Assert.Equal(200, (await Code(app, one, code)).Status);
        var replayed = await Code(app, two, code);
        Assert.Equal(("ExpiredCodeException", "Your software token has already been used once."), (replayed.Error, replayed.Message));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(200, (await Code(app, two, phone.Code(server.Now))).Status);
    }

    [Fact]
    public async Task A_challenge_is_answered_as_what_it_is_and_as_nothing_else()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "OPTIONAL");
        await app.User("ana");
        var phone = await AuthenticatorApp.Enroll(app, (await app.SignIn("ana"))["AccessToken"], server.Now);
        clock.Advance(TimeSpan.FromSeconds(30));
        var asked = (await app.TrySignIn("ana")).Body;
        var session = (string)asked["Session"]!;
        (string, string?)[] everything =
        [
            ("USERNAME", "ana"), ("SMS_MFA_CODE", phone.Code(server.Now)), ("SMS_OTP_CODE", phone.Code(server.Now)), ("EMAIL_OTP_CODE", phone.Code(server.Now)),
            ("ANSWER", "PASSWORD"), ("PASSWORD", "Passw0rd-1"), ("NEW_PASSWORD", "Chosen-1234"), ("EMAIL", "eve@example.com"), ("DEVICE_KEY", "us-east-1_x"), ("SRP_A", new SrpClient().A),
        ];
        foreach (var name in (string[])["SMS_MFA", "SMS_OTP", "EMAIL_OTP", "SELECT_MFA_TYPE", "MFA_SETUP", "SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP", "CUSTOM_CHALLENGE", "DEVICE_SRP_AUTH", "NEW_PASSWORD_REQUIRED"])
            Assert.Equal((name, "Invalid session for the user."), (name, (await app.Respond(name, session, everything)).Message));
        // Who has the password and not the app must not set up another app.
        Assert.Equal("Invalid session for the user.", (await app.Try("AssociateSoftwareToken", $$"""{"Session": "{{session}}"}""")).Message);
        Assert.Equal("Invalid session for the user.", (await app.Try("VerifySoftwareToken", $$"""{"Session": "{{session}}", "UserCode": "{{phone.Code(server.Now)}}"}""")).Message);
        Assert.Equal(200, (await Code(app, asked, phone.Code(server.Now))).Status);
    }

    [Fact]
    public async Task Setting_up_can_fail_in_the_services_words()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var (app, off) = (await Pool(server, "OPTIONAL"), await App.Start(server));
        await app.User("ana");
        await off.User("ana");
        var token = (await app.SignIn("ana"))["AccessToken"];
        var offToken = (await off.SignIn("ana"))["AccessToken"];

        Assert.Equal(("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool"), await Refused(off, offToken, "AssociateSoftwareToken"));
        Assert.Equal(("InvalidParameterException", "User has not verified software token mfa"),
            await Refused(app, token, "SetUserMFAPreference", """{"SoftwareTokenMfaSettings": {"Enabled": true} }"""));
        await app.As(token, "AssociateSoftwareToken");
        Assert.Equal(("EnableSoftwareTokenMFAException", "Code mismatch"), await Refused(app, token, "VerifySoftwareToken", """{"UserCode": "000000"}"""));
        Assert.Equal(("InvalidParameterException", "Either AccessToken or Session must be given."), await Refused(app, null, "AssociateSoftwareToken"));
    }

    [Fact]
    public async Task Where_a_second_factor_is_a_must_who_has_none_sets_up_an_app_on_the_way_in()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "ON");
        await app.User("ana");
        var asked = (await app.TrySignIn("ana")).Body;
        Assert.Equal(("MFA_SETUP", """["SOFTWARE_TOKEN_MFA"]"""), ((string)asked["ChallengeName"]!, (string)asked["ChallengeParameters"]!["MFAS_CAN_SETUP"]!));
        Assert.Equal("InvalidParameterException", (await app.Respond("MFA_SETUP", (string)asked["Session"]!, ("USERNAME", "ana"))).Error);

        var offered = await app.Try("AssociateSoftwareToken", $$"""{"Session": "{{asked["Session"]}}"}""");
        var phone = new AuthenticatorApp((string)offered.Body["SecretCode"]!);
        Assert.Equal("InvalidParameterException", (await app.Respond("MFA_SETUP", (string)offered.Body["Session"]!, ("USERNAME", "ana"))).Error);
        var verified = await app.Try("VerifySoftwareToken", $$"""{"Session": "{{offered.Body["Session"]}}", "UserCode": "{{phone.Code(server.Now)}}"}""");
        Assert.Equal("SUCCESS", (string)verified.Body["Status"]!);
        var done = await app.Respond("MFA_SETUP", (string)verified.Body["Session"]!, ("USERNAME", "ana"));
        Assert.NotNull(done.Body["AuthenticationResult"]!["AccessToken"]);

        clock.Advance(TimeSpan.FromSeconds(30));
        var again = (await app.TrySignIn("ana")).Body;
        Assert.Equal("SOFTWARE_TOKEN_MFA", (string)again["ChallengeName"]!);
        Assert.Equal(200, (await Code(app, again, phone.Code(server.Now))).Status);
    }

    [Fact]
    public async Task A_sign_in_that_is_given_up_after_the_app_was_verified_asks_for_the_app_next_time()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "ON");
        await app.User("ana");
        var asked = (await app.TrySignIn("ana")).Body;
        var offered = await app.Try("AssociateSoftwareToken", $$"""{"Session": "{{asked["Session"]}}"}""");
        var phone = new AuthenticatorApp((string)offered.Body["SecretCode"]!);
        await app.Try("VerifySoftwareToken", $$"""{"Session": "{{offered.Body["Session"]}}", "UserCode": "{{phone.Code(server.Now)}}"}""");
        Assert.Equal("SOFTWARE_TOKEN_MFA", (string)(await app.TrySignIn("ana")).Body["ChallengeName"]!);
    }

    [Fact]
    public async Task A_code_by_SMS_goes_to_a_phone_that_is_there_and_proves_it()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "ON", $$""" "SmsMfaConfiguration": {"SmsConfiguration": {{Sms}}, "SmsAuthenticationMessage": "Sign in with {####}"} """);
        await app.Admin.User(app.PoolId, "ana", attributes: JsonNode.Parse("""[{"Name": "phone_number", "Value": "+15550109934"}]""")!.AsArray());
        var asked = (await app.TrySignIn("ana")).Body;
        Assert.Equal(("SMS_MFA", "SMS", "+*******9934"), ((string)asked["ChallengeName"]!, (string)asked["ChallengeParameters"]!["CODE_DELIVERY_DELIVERY_MEDIUM"]!, (string)asked["ChallengeParameters"]!["CODE_DELIVERY_DESTINATION"]!));
        var inbox = JsonNode.Parse(await server.Http.GetStringAsync($"{server.Url}/dev/inbox?username=ana"))!.AsArray();
        Assert.Equal($"Sign in with {inbox[0]!["code"]}", (string)inbox[0]!["body"]!);
        Assert.Equal(200, (await app.Respond("SMS_MFA", (string)asked["Session"]!, ("USERNAME", "ana"), ("SMS_MFA_CODE", await app.Code("ana")))).Status);
        Assert.Contains((await app.About("ana", "AdminGetUser"))["UserAttributes"]!.AsArray(), one => (string)one!["Name"]! == "phone_number_verified" && (string)one["Value"]! == "true");
    }

    [Fact]
    public async Task Of_two_factors_the_user_chooses_and_both_names_of_the_mail_are_taken()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "OPTIONAL", $$""" "SmsMfaConfiguration": {"SmsConfiguration": {{Sms}} }, "EmailMfaConfiguration": {"Message": "Here is {####}", "Subject": "Your code"} """);
        await app.User("ana");
        var token = (await app.SignIn("ana"))["AccessToken"];
        await AuthenticatorApp.Enroll(app, token, server.Now);
        Assert.Equal(200, (await app.As(token, "SetUserMFAPreference",
            """{"SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": false}, "EmailMfaSettings": {"Enabled": true} }""")).Status);

        foreach (var name in (string[])["EMAIL_OTP", "EMAIL_MFA"])
        {
            var asked = (await app.TrySignIn("ana")).Body;
            Assert.Equal(("SELECT_MFA_TYPE", """["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"""), ((string)asked["ChallengeName"]!, (string)asked["ChallengeParameters"]!["MFAS_CAN_CHOOSE"]!));
            Assert.Equal("InvalidParameterException", (await app.Respond("SELECT_MFA_TYPE", (string)asked["Session"]!, ("USERNAME", "ana"), ("ANSWER", "SMS_MFA"))).Error);
            var chosen = (await app.Respond("SELECT_MFA_TYPE", (string)asked["Session"]!, ("USERNAME", "ana"), ("ANSWER", name))).Body;
            Assert.Equal(("EMAIL_OTP", "a***@e***"), ((string)chosen["ChallengeName"]!, (string)chosen["ChallengeParameters"]!["CODE_DELIVERY_DESTINATION"]!));
            Assert.Equal(200, (await app.Respond("EMAIL_OTP", (string)chosen["Session"]!, ("USERNAME", "ana"), ("EMAIL_OTP_CODE", await app.Code("ana")))).Status);
        }
    }

    [Fact]
    public async Task A_code_is_good_in_its_own_sign_in_only_five_times_and_never_after_its_time()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "OPTIONAL", """ "EmailMfaConfiguration": {} """);
        await app.User("ana");
        await app.About("ana", "AdminSetUserMFAPreference", """{"EmailMfaSettings": {"Enabled": true, "PreferredMfa": true} }""");
        var one = (await app.TrySignIn("ana")).Body;
        var code = await app.Code("ana");
        var two = (await app.TrySignIn("ana")).Body;
        Assert.Equal("CodeMismatchException", (await Mail(app, two, code)).Error);
        Assert.Equal(200, (await Mail(app, one, code)).Status);

        var three = (await app.TrySignIn("ana")).Body;
        for (var i = 0; i < 5; i++) await Mail(app, three, "000000");
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(200, (await Mail(app, three, await app.Code("ana"))).Status);
        var four = (await app.TrySignIn("ana")).Body;
        clock.Advance(TimeSpan.FromMinutes(3.1));
        Assert.Equal("Invalid session for the user, session is expired.", (await Mail(app, four, await app.Code("ana"))).Message);
    }

    [Fact]
    public async Task Of_ten_thousand_parallel_guesses_five_are_evaluated_at_the_most()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Pool(server, "OPTIONAL", """ "EmailMfaConfiguration": {} """);
        await app.User("ana");
        await app.About("ana", "AdminSetUserMFAPreference", """{"EmailMfaSettings": {"Enabled": true, "PreferredMfa": true} }""");
        var asked = (await app.TrySignIn("ana")).Body;
        var right = await app.Code("ana");
        var guesses = Enumerable.Range(0, 10_000).Select(i => $"{i:D6}").Where(code => code != right).ToArray();
        var evaluated = 0;
        await Parallel.ForEachAsync(guesses, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (code, _) =>
        {
            if ((await Mail(app, asked, code)).Error == "CodeMismatchException") Interlocked.Increment(ref evaluated);
        });
        Assert.InRange(evaluated, 1, 5);
    }

    [Fact]
    public async Task Where_a_second_factor_is_a_must_no_flow_gets_past_it_and_users_cannot_turn_it_off()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Pool(server, "ON");
        await app.User("ana");
        var srp = new SrpClient();
        var begun = await app.Flow("USER_SRP_AUTH", ("USERNAME", "ana"), ("SRP_A", srp.A));
        Assert.Equal("MFA_SETUP", (string)(await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, begun.Body, "Passw0rd-1"))).Body["ChallengeName"]!);
        Assert.Equal("MFA_SETUP", (string)(await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "PASSWORD"), ("PASSWORD", "Passw0rd-1"))).Body["ChallengeName"]!);
        await app.About("bob", "AdminCreateUser", """{"TemporaryPassword": "Temp-1234", "MessageAction": "SUPPRESS"}""");
        var temporary = (await app.TrySignIn("bob", "Temp-1234")).Body;
        var chosen = await app.Answer((string)temporary["Session"]!, ("USERNAME", "bob"), ("NEW_PASSWORD", "Chosen-1234"));
        Assert.Equal("MFA_SETUP", (string)chosen.Body["ChallengeName"]!);
    }

    [Fact]
    public async Task The_second_factors_of_a_pool_are_told_back_and_survive_an_update_of_the_rest()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Pool(server, "OPTIONAL", """ "EmailMfaConfiguration": {"Message": "Here is {####}", "Subject": "Your code"}, "WebAuthnConfiguration": {"UserVerification": "required"} """);
        await app.Admin.Call("UpdateUserPool", App.Object($$"""{"UserPoolId": "{{app.PoolId}}"}"""));
        var told = await app.Admin.Call("GetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}"}"""));
        Assert.Equal("""{"SoftwareTokenMfaConfiguration":{"Enabled":true},"EmailMfaConfiguration":{"Message":"Here is {####}","Subject":"Your code"},"MfaConfiguration":"OFF","WebAuthnConfiguration":{"UserVerification":"required"}}""",
            told.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Theory]
    [InlineData(""" "MfaConfiguration": "ON" """)]
    [InlineData(""" "MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": true} """)]
    [InlineData(""" "MfaConfiguration": "ON", "SmsMfaConfiguration": {} """)]
    public async Task What_makes_no_sense_together_is_refused(string members)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        var reply = await app.Admin.Try("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}", {{members}} }"""));
        Assert.Equal("InvalidParameterException", reply.Error);
    }

    internal static async Task<App> Pool(PoolhouseTestServer server, string mfa, string more = "")
    {
        var app = await App.Start(server, """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""");
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "{{mfa}}", "SoftwareTokenMfaConfiguration": {"Enabled": true} {{(more.Length > 0 ? "," + more : "")}} }
            """));
        return app;
    }

    static Task<ApiReply> Code(App app, JsonObject asked, string code) =>
        app.Respond("SOFTWARE_TOKEN_MFA", (string)asked["Session"]!, ("USERNAME", "ana"), ("SOFTWARE_TOKEN_MFA_CODE", code));

    static Task<ApiReply> Mail(App app, JsonObject asked, string code) =>
        app.Respond("EMAIL_OTP", (string)asked["Session"]!, ("USERNAME", "ana"), ("EMAIL_OTP_CODE", code));

    static async Task<(string?, string?)> Refused(App app, JsonNode? token, string operation, string more = "{}")
    {
        var reply = await app.As(token, operation, more);
        ErrorLists.Check(operation, reply.Error!);
        return (reply.Error, reply.Message);
    }
}
