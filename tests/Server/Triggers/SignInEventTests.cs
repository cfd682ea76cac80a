using Poolhouse.Core;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>The triggers of a sign-in, as sign-in calls them (cognito/triggers.md §3).</summary>
public class SignInEventTests(TriggerStage stage) : IClassFixture<TriggerStage>
{
    static readonly Dictionary<string, string> Metadata = new() { ["m"] = "1" };

    [Fact]
    public async Task Before_the_first_factor_the_metadata_of_InitiateAuth_is_validation_data()
    {
        var (app, head) = await Ana("PreAuthentication", "pre-auth");
        await stage.Triggers.PreAuthentication(await stage.Subject(app, "ana"), Metadata, userNotFound: false, default);
        Same($$"""
            {{{head}},"triggerSource":"PreAuthentication_Authentication","request":{"userAttributes":{{await Attributes(app)}},"validationData":{"m":"1"},"userNotFound":false},"response":{} }
            """, stage.Functions.Call("pre-auth"));
    }

    [Fact]
    public async Task Of_nobody_the_function_learns_that_there_is_nobody()
    {
        var (app, _) = await Ana("PreAuthentication", "pre-nobody");
        await stage.Triggers.PreAuthentication(TriggerSubject.Nobody(await stage.Pool(app), app.ClientId, "who"), null, userNotFound: true, default);
        var call = stage.Functions.Call("pre-nobody");
        Assert.Equal(("who", """{"userAttributes":{},"validationData":null,"userNotFound":true}"""), ((string)call.Event["userName"]!, call.Request.ToJsonString()));
    }

    [Fact]
    public async Task After_the_last_factor_the_function_is_told_of_the_device()
    {
        var (app, head) = await Ana("PostAuthentication", "post-auth");
        await stage.Triggers.PostAuthentication(await stage.Subject(app, "ana"), newDeviceUsed: true, Metadata, default);
        Same($$"""
            {{{head}},"triggerSource":"PostAuthentication_Authentication","request":{"userAttributes":{{await Attributes(app)}},"newDeviceUsed":true,"clientMetadata":{"m":"1"} },"response":{} }
            """, stage.Functions.Call("post-auth"));
    }

    [Fact]
    public async Task What_comes_next_is_decided_from_the_rounds_so_far()
    {
        var (app, head) = await Ana("DefineAuthChallenge", "define", """{"challengeName":"CUSTOM_CHALLENGE","issueTokens":false,"failAuthentication":false}""");
        var next = await stage.Triggers.DefineAuthChallenge(await stage.Subject(app, "ana"), [new("SRP_A", true, null), new("CUSTOM_CHALLENGE", false, "first")], Metadata, false, default);
        Assert.Equal(new("CUSTOM_CHALLENGE", false, false), next);
        Same($$"""
            {{{head}},"triggerSource":"DefineAuthChallenge_Authentication","request":{"userAttributes":{{await Attributes(app)}},
             "session":[{"challengeName":"SRP_A","challengeResult":true,"challengeMetadata":null},{"challengeName":"CUSTOM_CHALLENGE","challengeResult":false,"challengeMetadata":"first"}],
             "clientMetadata":{"m":"1"},"userNotFound":false},"response":{"challengeName":null,"issueTokens":null,"failAuthentication":null} }
            """, stage.Functions.Call("define"));
    }

    [Fact]
    public async Task A_challenge_is_made_of_what_the_client_sees_and_what_it_does_not()
    {
        var (app, head) = await Ana("CreateAuthChallenge", "create",
            """{"publicChallengeParameters":{"question":"?","nothing":null},"privateChallengeParameters":{"answer":"42"},"challengeMetadata":"first"}""");
        var made = await stage.Triggers.CreateAuthChallenge(await stage.Subject(app, "ana"), "CUSTOM_CHALLENGE", [], null, false, default);
        Assert.Equal([KeyValuePair.Create("question", "?")], made.PublicParameters);
        Assert.Equal([KeyValuePair.Create("answer", "42")], made.PrivateParameters);
        Assert.Equal("first", made.Metadata);
        Same($$"""
            {{{head}},"triggerSource":"CreateAuthChallenge_Authentication","request":{"userAttributes":{{await Attributes(app)}},"challengeName":"CUSTOM_CHALLENGE","session":[],"userNotFound":false},
             "response":{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null} }
            """, stage.Functions.Call("create"));
    }

    [Theory]
    [InlineData("verify-right", "{\"answerCorrect\":true}", true), InlineData("verify-wrong", "{\"answerCorrect\":false}", false), InlineData("verify-silent", "{\"answerCorrect\":null}", false)]
    public async Task An_answer_is_right_only_if_the_function_says_so(string name, string response, bool right)
    {
        var (app, head) = await Ana("VerifyAuthChallengeResponse", name, response);
        Assert.Equal(right, await stage.Triggers.VerifyAuthChallenge(await stage.Subject(app, "ana"), new Dictionary<string, string> { ["answer"] = "42" }, "41", null, false, default));
        Same($$"""
            {{{head}},"triggerSource":"VerifyAuthChallengeResponse_Authentication","request":{"userAttributes":{{await Attributes(app)}},
             "privateChallengeParameters":{"answer":"42"},"challengeAnswer":"41","userNotFound":false},"response":{"answerCorrect":null} }
            """, stage.Functions.Call(name));
    }

    [Fact]
    public async Task Custom_challenges_need_all_three_functions()
    {
        var two = await stage.App($"\"DefineAuthChallenge\": \"{Functions.Arn("d")}\", \"CreateAuthChallenge\": \"{Functions.Arn("c")}\"");
        var three = await stage.App($"\"DefineAuthChallenge\": \"{Functions.Arn("d")}\", \"CreateAuthChallenge\": \"{Functions.Arn("c")}\", \"VerifyAuthChallengeResponse\": \"{Functions.Arn("v")}\"");
        Assert.False(PoolTriggers.HasCustomAuth(await stage.Pool(two)));
        Assert.True(PoolTriggers.HasCustomAuth(await stage.Pool(three)));
        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await stage.Triggers.VerifyAuthChallenge(
            TriggerSubject.Nobody(await stage.Pool(two), null, "x"), new Dictionary<string, string>(), "", null, false, default));
        Assert.Equal(Refusal.TriggerInvalid, refused.Reason);
    }

    [Fact]
    public async Task A_user_of_another_system_is_asked_for_with_the_password()
    {
        var (app, head) = await Ana("UserMigration", "migrate-auth", """{"userAttributes":{"email":"bea@example.com","email_verified":"true"},"finalUserStatus":"CONFIRMED","enableSMSMFA":true}""");
        var found = await stage.Triggers.MigrateUser(await stage.Pool(app), await stage.Client(app), "bea", "Secret-1", Metadata, null, default);
        Assert.Equal((true, false, true, 2), (found!.Confirmed, found.ForceAliases, found.EnableSmsMfa, found.Attributes.Count));
        Same($$"""
            {{{head.Replace("\"ana\"", "\"bea\"", StringComparison.Ordinal)}},"triggerSource":"UserMigration_Authentication","request":{"password":"Secret-1","validationData":{"m":"1"} },
             "response":{"userAttributes":null,"forceAliasCreation":null,"enableSMSMFA":null,"finalUserStatus":null,"messageAction":null,"desiredDeliveryMediums":null} }
            """, stage.Functions.Call("migrate-auth"));
    }

    [Fact]
    public async Task A_pool_without_functions_asks_nobody()
    {
        var app = await stage.App("");
        await app.User("ana");
        var subject = await stage.Subject(app, "ana");
        await stage.Triggers.PreAuthentication(subject, null, false, default);
        await stage.Triggers.PostAuthentication(subject, false, null, default);
        Assert.Null(await stage.Triggers.MigrateUser(subject.Pool, await stage.Client(app), "bea", "x", null, null, default));
    }

    // The beginning of every event about ana, without its opening brace.
    async Task<(App App, string Head)> Ana(string trigger, string function, string? response = null)
    {
        var app = await stage.App($"\"{trigger}\": \"{stage.Functions.Returns(function, response)}\"");
        await app.User("ana");
        return (app, $$"""
            "version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"ana","callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{app.ClientId}}"}
            """);
    }

    static async Task<string> Attributes(App app) => $$"""
        {"sub":"{{(await User(app, "ana")).Attributes["sub"]}}","cognito:user_status":"CONFIRMED","email":"ana@example.com","email_verified":"true"}
        """;
}
