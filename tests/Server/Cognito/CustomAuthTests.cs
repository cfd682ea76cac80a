using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>Custom challenges, and the functions before and after every sign-in.</summary>
public class CustomAuthTests(TriggerStage stage) : IClassFixture<TriggerStage>
{
    const string Client = """{"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""";
    const string Hiding = """{"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""";

    [Fact]
    public async Task A_question_of_the_apps_own_is_asked_judged_and_leads_to_tokens()
    {
        var app = await Riddle("riddle");
        await app.User("ana");
        var asked = (await app.Flow("CUSTOM_AUTH", ("USERNAME", "ana@example.com"))).Body;
        Assert.Equal("CUSTOM_CHALLENGE", (string)asked["ChallengeName"]!);
        Assert.Equal("""{"question":"What is wet?","USERNAME":"ana"}""", asked["ChallengeParameters"]!.ToJsonString());
        Assert.Empty(stage.Functions.Calls("riddle-define")[0].Request["session"]!.AsArray());

        var wrong = (await Answer(app, asked, "sand")).Body;
        Assert.Equal("CUSTOM_CHALLENGE", (string)wrong["ChallengeName"]!);
        var stale = await Answer(app, asked, "water");
        Assert.Equal("Invalid session for the user, session can only be used once.", stale.Message);
        var done = (await Answer(app, wrong, "water")).Body;
        Assert.Equal("ana", (string)App.Claims(done["AuthenticationResult"]!["AccessToken"])["username"]!);

        var judged = stage.Functions.Calls("riddle-verify")[^1].Request;
        Assert.Equal(("water", "water"), ((string)judged["challengeAnswer"]!, (string)judged["privateChallengeParameters"]!["answer"]!));
        Assert.Equal("""[{"challengeName":"CUSTOM_CHALLENGE","challengeResult":false,"challengeMetadata":"RIDDLE"},{"challengeName":"CUSTOM_CHALLENGE","challengeResult":true,"challengeMetadata":"RIDDLE"}]""",
            stage.Functions.Calls("riddle-define")[^1].Request["session"]!.ToJsonString());
    }

    [Fact]
    public async Task Three_wrong_answers_fail_if_the_function_says_so()
    {
        var app = await Riddle("three");
        await app.User("ana");
        var asked = (await app.Flow("CUSTOM_AUTH", ("USERNAME", "ana"))).Body;
        asked = (await Answer(app, asked, "a")).Body;
        asked = (await Answer(app, asked, "b")).Body;
        var failed = await Answer(app, asked, "c");
        Assert.Equal(("NotAuthorizedException", "Incorrect username or password."), (failed.Error, failed.Message));
    }

    [Fact]
    public async Task The_password_can_be_the_first_round_and_its_result_is_told()
    {
        var functions = stage.Functions;
        var define = functions.Deploy("srp-define", call => new(Functions.With(call, Rounds(call) switch
        {
            [["SRP_A", true]] => """{"challengeName": "PASSWORD_VERIFIER"}""",
            [.., ["PASSWORD_VERIFIER", true]] => """{"issueTokens": true}""",
            _ => """{"failAuthentication": true}""",
        })));
        var app = await stage.App(Three(define, functions.Returns("srp-create"), functions.Returns("srp-verify")), client: Client);
        await app.User("ana");
        async Task<ApiReply> SignIn(string password)
        {
            var srp = new SrpClient();
            var begun = await app.Flow("CUSTOM_AUTH", ("USERNAME", "ana"), ("CHALLENGE_NAME", "SRP_A"), ("SRP_A", srp.A));
            return await app.Respond("PASSWORD_VERIFIER", (string?)begun.Body["Session"], srp.Answer(app.PoolId, begun.Body, password));
        }

        Assert.Equal("Incorrect username or password.", (await SignIn("Passw0rd-2")).Message);
        Assert.False((bool)functions.Calls("srp-define")[^1].Request["session"]![1]!["challengeResult"]!);
        Assert.NotNull((await SignIn("Passw0rd-1")).Body["AuthenticationResult"]);
    }

    [Theory]
    [InlineData("""{}""", "InvalidLambdaResponseException"), InlineData("""{"challengeName": "NONSENSE"}""", "InvalidLambdaResponseException"),
     InlineData("""{"challengeName": "PASSWORD_VERIFIER"}""", "InvalidLambdaResponseException"), InlineData("""{"issueTokens": "true"}""", "InvalidLambdaResponseException"),
     InlineData("""{"failAuthentication": true, "issueTokens": true}""", "NotAuthorizedException")]
    public async Task Whatever_is_not_clearly_a_yes_is_a_no(string response, string type)
    {
        var name = $"no-{Core.Ids.Uuid()}";
        var app = await stage.App(Three(stage.Functions.Returns(name, response), stage.Functions.Returns(name + "-create"), stage.Functions.Returns(name + "-verify")), client: Client);
        await app.User("ana");
        Assert.Equal(type, (await app.Flow("CUSTOM_AUTH", ("USERNAME", "ana"))).Error);
    }

    [Fact]
    public async Task A_judge_that_fails_lets_nobody_in()
    {
        var app = await Riddle("broken", verify: stage.Functions.Throws("broken-verify", "out of riddles"));
        await app.User("ana");
        var asked = (await app.Flow("CUSTOM_AUTH", ("USERNAME", "ana"))).Body;
        var failed = await Answer(app, asked, "water");
        Assert.Equal(("UserLambdaValidationException", "VerifyAuthChallengeResponse failed with error out of riddles."), (failed.Error, failed.Message));
        Assert.NotEqual(200, (await Answer(app, asked, "water")).Status);
    }

    [Fact]
    public async Task Who_does_not_exist_is_asked_too_and_gets_no_token_whatever_the_function_says()
    {
        var app = await Riddle("ghost", client: Hiding);
        var asked = (await app.Flow("CUSTOM_AUTH", ("USERNAME", "nobody"))).Body;
        Assert.Equal("CUSTOM_CHALLENGE", (string)asked["ChallengeName"]!);
        Assert.True((bool)stage.Functions.Calls("ghost-define")[0].Request["userNotFound"]!);
        var failed = await app.Respond("CUSTOM_CHALLENGE", (string)asked["Session"]!, ("USERNAME", "nobody"), ("ANSWER", "water"));
        Assert.Equal(("NotAuthorizedException", "Incorrect username or password."), (failed.Error, failed.Message));
        // Found by an address, users have names that it does not tell, and so has who is not found.
        var named = (await app.Flow("CUSTOM_AUTH", ("USERNAME", "nobody@example.com"))).Body;
        var given = (string)named["ChallengeParameters"]!["USERNAME"]!;
        Assert.True(Guid.TryParse(given, out _), given);
        Assert.Equal(failed.Body.ToJsonString(), (await app.Respond("CUSTOM_CHALLENGE", (string)named["Session"]!, ("USERNAME", given), ("ANSWER", "water"))).Body.ToJsonString());
        Assert.Equal("UserNotFoundException", (await (await Riddle("legacy")).Flow("CUSTOM_AUTH", ("USERNAME", "nobody"))).Error);
    }

    [Fact]
    public async Task A_second_factor_that_the_pool_demands_follows_the_riddle()
    {
        var app = await Riddle("strict");
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true} }"""));
        await app.User("ana");
        var asked = (await app.Flow("CUSTOM_AUTH", ("USERNAME", "ana"))).Body;
        Assert.Equal("MFA_SETUP", (string)(await Answer(app, asked, "water")).Body["ChallengeName"]!);
    }

    [Fact]
    public async Task The_function_before_a_sign_in_sees_the_metadata_of_its_beginning_and_can_refuse()
    {
        var functions = stage.Functions;
        var app = await stage.App($$""" "PreAuthentication": "{{functions.Throws("pre", "not today")}}" """, client: Client);
        await app.User("ana");
        foreach (var (flow, more) in ((string, (string, string?))[])[("USER_PASSWORD_AUTH", ("PASSWORD", "Passw0rd-1")), ("USER_PASSWORD_AUTH", ("PASSWORD", "wrong")), ("USER_SRP_AUTH", ("SRP_A", new SrpClient().A))])
        {
            var refused = await app.Flow(flow, ("USERNAME", "ana"), more);
            Assert.Equal(("UserLambdaValidationException", "PreAuthentication failed with error not today."), (refused.Error, refused.Message));
        }
        await app.Admin.Try("InitiateAuth", App.Object($$"""
            {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "{{app.ClientId}}", "ClientMetadata": {"door": "north"}, "AuthParameters": {"USERNAME": "ana", "PASSWORD": "x"} }
            """), signed: false);
        var call = functions.Calls("pre")[^1];
        Assert.Equal(("PreAuthentication_Authentication", "north"), (call.Source, (string)call.Request["validationData"]!["door"]!));
    }

    [Fact]
    public async Task The_function_after_a_sign_in_sees_the_metadata_of_the_last_answer_only()
    {
        var functions = stage.Functions;
        var app = await stage.App($$""" "PostAuthentication": "{{functions.Returns("post")}}" """, client: Client);
        await app.About("ana", "AdminCreateUser", """{"TemporaryPassword": "Temp-1234", "MessageAction": "SUPPRESS"}""");
        var begun = await app.Admin.Try("InitiateAuth", App.Object($$"""
            {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "{{app.ClientId}}", "ClientMetadata": {"door": "north"}, "AuthParameters": {"USERNAME": "ana", "PASSWORD": "Temp-1234"} }
            """), signed: false);
        Assert.Empty(functions.Calls("post"));
        await app.Admin.Try("RespondToAuthChallenge", App.Object($$"""
            {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": "{{app.ClientId}}", "Session": "{{begun.Body["Session"]}}", "ClientMetadata": {"door": "south"},
             "ChallengeResponses": {"USERNAME": "ana", "NEW_PASSWORD": "Chosen-1234"} }
            """), signed: false);
        Assert.Equal("""{"door":"south"}""", functions.Call("post").Request["clientMetadata"]!.ToJsonString());
        Assert.False((bool)functions.Call("post").Request["newDeviceUsed"]!);
    }

    [Fact]
    public async Task Who_comes_over_from_another_directory_signs_in_with_the_old_password_and_is_here_from_then_on()
    {
        var functions = stage.Functions;
        var migrate = functions.Deploy("move", call => new(Functions.With(call, (string)call.Request["password"]! == "Old-Passw0rd"
            ? """{"userAttributes": {"email": "ana@example.com", "email_verified": "true"}, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"}""" : "{}")));
        var app = await stage.App($$""" "UserMigration": "{{migrate}}" """, client: Client);
        Assert.Equal(("UserNotFoundException", "User does not exist."), await Refused(app.TrySignIn("ana", "wrong")));
        Assert.Equal(200, (await app.TrySignIn("ana", "Old-Passw0rd")).Status);
        Assert.Equal(2, functions.Calls("move").Count);
        Assert.Equal(200, (await app.TrySignIn("ana", "Old-Passw0rd")).Status);
        Assert.Equal(("NotAuthorizedException", "Incorrect username or password."), await Refused(app.TrySignIn("ana", "wrong")));
        Assert.Equal(2, functions.Calls("move").Count);
        Assert.Equal("UserNotFoundException", (await app.Flow("USER_SRP_AUTH", ("USERNAME", "bob"), ("SRP_A", new SrpClient().A))).Error);
        Assert.Equal(2, functions.Calls("move").Count);
    }

    static async Task<(string?, string?)> Refused(Task<ApiReply> call)
    {
        var reply = await call;
        return (reply.Error, reply.Message);
    }

    // Asks up to three times; the answer is water.
    async Task<App> Riddle(string name, string? client = null, string? verify = null)
    {
        var functions = stage.Functions;
        var define = functions.Deploy(name + "-define", call => new(Functions.With(call, Rounds(call) switch
        {
            [.., [_, true]] => """{"issueTokens": true}""",
            { Length: >= 3 } => """{"failAuthentication": true}""",
            _ => """{"challengeName": "CUSTOM_CHALLENGE"}""",
        })));
        var create = functions.Returns(name + "-create",
            """{"publicChallengeParameters": {"question": "What is wet?"}, "privateChallengeParameters": {"answer": "water"}, "challengeMetadata": "RIDDLE"}""");
        verify ??= functions.Deploy(name + "-verify", call => new(Functions.With(call, $$"""
            {"answerCorrect": {{((string)call.Request["challengeAnswer"]! == (string)call.Request["privateChallengeParameters"]!["answer"]! ? "true" : "false")}} }
            """)));
        return await stage.App(Three(define, create, verify), ", \"AliasAttributes\": [\"email\"]", client ?? Client);
    }

    static object[][] Rounds(Invocation call) =>
        [.. call.Request["session"]!.AsArray().Select(round => (object[])[(string)round!["challengeName"]!, (bool)round["challengeResult"]!])];

    static string Three(string define, string create, string verify) => $"""
        "DefineAuthChallenge": "{define}", "CreateAuthChallenge": "{create}", "VerifyAuthChallengeResponse": "{verify}"
        """;

    static Task<ApiReply> Answer(App app, JsonObject asked, string answer) =>
        app.Respond("CUSTOM_CHALLENGE", (string?)asked["Session"], ("USERNAME", "ana"), ("ANSWER", answer));
}
