using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class NewPasswordTests
{
    const string Schema = """{"Schema": [{"Name": "name", "Required": true, "Mutable": true}, {"Name": "email", "Required": true, "Mutable": true}], "AliasAttributes": ["email"]}""";

    [Fact]
    public async Task A_temporary_password_leads_to_a_challenge_that_says_what_is_missing()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Schema);
        await Invite(app);

        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("ana", "Wrong-1234")).Message);
        var reply = (await app.TrySignIn("ana@example.com", "Temp-1234")).Body;
        Assert.Equal(["ChallengeName", "ChallengeParameters", "Session"], reply.Select(member => member.Key).Order());
        Assert.Equal("NEW_PASSWORD_REQUIRED", (string)reply["ChallengeName"]!);
        var parameters = reply["ChallengeParameters"]!.AsObject();
        Assert.Equal("ana", (string)parameters["USER_ID_FOR_SRP"]!);
        Assert.Equal("""["userAttributes.name"]""", (string)parameters["requiredAttributes"]!);
        Assert.Equal("ana@example.com", (string)JsonNode.Parse((string)parameters["userAttributes"]!)!["email"]!);
        Assert.InRange(((string)reply["Session"]!).Length, 20, 2048);
    }

    [Fact]
    public async Task The_answer_sets_password_and_attributes_once()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Schema);
        var session = await Invite(app);

        var done = await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.name", "Ana"));
        Assert.Equal("Ana", (string)App.Claims(done.Body["AuthenticationResult"]!["IdToken"])["name"]!);
        Assert.Empty(done.Body["ChallengeParameters"]!.AsObject());
        var replay = await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", "Other-12345"), ("userAttributes.name", "Ana"));
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user, session can only be used once."), (replay.Error, replay.Message));
        Assert.Equal(200, (await app.TrySignIn("ana", "Chosen-1234")).Status);
        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("ana", "Temp-1234")).Message);
    }

    [Fact]
    public async Task A_wrong_answer_leaves_the_challenge_as_it_was()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Schema);
        var session = await Invite(app);
        async Task<(string?, string?)> Answer(params (string, string?)[] responses)
        {
            var reply = await app.Answer(session, responses);
            return (reply.Error, reply.Message);
        }

        var (ana, name, good) = (("USERNAME", (string?)"ana"), ("userAttributes.name", (string?)"Ana"), ("NEW_PASSWORD", (string?)"Chosen-1234"));
        Assert.Equal(("InvalidParameterException", "Missing required parameter USERNAME"), await Answer(good, name));
        Assert.Equal(("InvalidParameterException", "Missing required parameter NEW_PASSWORD"), await Answer(ana, name));
        Assert.Equal(("InvalidPasswordException", "Password did not conform with policy: Password not long enough"), await Answer(ana, name, ("NEW_PASSWORD", "a")));
        Assert.Equal(("InvalidParameterException", "Invalid attributes given, name is missing"), await Answer(ana, good));
        Assert.Equal(("NotAuthorizedException", "Cannot modify an already provided email"), await Answer(ana, good, name, ("userAttributes.email", "eve@example.com")));
        Assert.Equal("NotAuthorizedException", (await Answer(ana, good, name, ("userAttributes.email_verified", "false"))).Item1);
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user."), await Answer(("USERNAME", "bob"), good, name));
        Assert.Equal((null, null), await Answer(ana, good, name));
    }

    [Fact]
    public async Task Attributes_that_the_client_may_not_write_are_not_given_here_either()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "WriteAttributes": ["name", "email"]}""", Schema);
        var session = await Invite(app);
        (string, string?)[] answer = [("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.name", "Ana")];
        Assert.Equal("NotAuthorizedException", (await app.Answer(session, [.. answer, ("userAttributes.nickname", "Annie")])).Error);
        Assert.Equal(200, (await app.Answer(session, answer)).Status);
    }

    [Fact]
    public async Task What_an_administrator_changes_while_the_answer_is_taken_is_not_lost()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Schema);
        for (var round = 0; round < 8; round++)
        {
            var session = await Invite(app);
            var answer = app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.name", "Ana"));
            var change = app.About("ana", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("nickname=Annie")}} }""");
            await change;
            Assert.Equal(200, (await answer).Status);
            var user = App.Attributes(await app.About("ana", "AdminGetUser"), "UserAttributes");
            Assert.Equal(("Ana", "Annie"), (user["name"], user.GetValueOrDefault("nickname")));
            await app.About("ana", "AdminDeleteUser");
        }
    }

    [Fact]
    public async Task A_session_is_worth_nothing_without_its_client_and_after_its_time()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, pool: Schema);
        var other = await App.Start(server, poolId: app.PoolId);
        var elsewhere = await App.Start(server, pool: Schema);
        await Invite(elsewhere);
        var session = await Invite(app);
        (string, string?)[] answer = [("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.name", "Ana")];

        Assert.Equal("Invalid session for the user.", (await other.Answer(session, answer)).Message);
        Assert.Equal("Invalid session for the user.", (await elsewhere.Answer(session, answer)).Message);
        Assert.Equal("Invalid session for the user.", (await app.Answer(new string('x', 43), answer)).Message);
        Assert.Equal("Missing required parameter Session", (await app.Answer(null, answer)).Message);
        clock.Advance(TimeSpan.FromMinutes(3.1));
        Assert.Equal("Invalid session for the user, session is expired.", (await app.Answer(session, answer)).Message);
    }

    [Fact]
    public async Task Clients_hash_the_name_that_the_challenge_gave_them_or_the_one_that_was_typed()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"GenerateSecret": true, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""", Schema);
        async Task<ApiReply> Answer(string named, string hashed)
        {
            var session = await Invite(app, app.Hash("ana@example.com"));
            return await app.Answer(session, ("USERNAME", named), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.name", "Ana"), ("SECRET_HASH", app.Hash(hashed)));
        }

        Assert.Equal($"Unable to verify secret hash for client {app.ClientId}", (await Answer("ana", "bob")).Message);
        await app.About("ana", "AdminDeleteUser");
        Assert.Equal(200, (await Answer("ana@example.com", "ana")).Status);
        await app.About("ana", "AdminDeleteUser");
        Assert.Equal(200, (await Answer("ana@example.com", "ana@example.com")).Status);
    }

    [Fact]
    public async Task A_backend_answers_for_its_users_and_a_challenge_that_is_never_given_is_refused()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Schema);
        var session = await Invite(app);
        var done = await app.Admin.Call("AdminRespondToAuthChallenge", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "ClientId": "{{app.ClientId}}", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "{{session}}",
             "ChallengeResponses": {"USERNAME": "ana", "NEW_PASSWORD": "Chosen-1234", "userAttributes.name": "Ana"} }
            """));
        Assert.NotNull(done["AuthenticationResult"]!["RefreshToken"]);
        var other = await app.Respond("WEB_AUTHN", session, ("USERNAME", "ana"));
        Assert.Equal(("InvalidParameterException", "The challenge WEB_AUTHN is not one that this server gives."), (other.Error, other.Message));
    }

    [Fact]
    public async Task A_password_is_never_repeated_in_a_message_or_in_the_log()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Schema);
        var session = await Invite(app);
        const string Secret = "Very-Secret 1234";
        ApiReply[] replies =
        [
            await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", Secret), ("userAttributes.name", "Ana")),
            await app.Try("SignUp", $$"""{"Username": "bob", "Password": "{{Secret}}"}"""),
            await app.Try("ConfirmForgotPassword", $$"""{"Username": "bob", "ConfirmationCode": "1", "Password": "{{Secret}}"}"""),
            await app.ChangePassword("a.b.c", Secret, Secret),
            await app.TrySignIn("ana", Secret),
        ];
        Assert.All(replies, reply => Assert.DoesNotContain(Secret, reply.Body.ToJsonString(), StringComparison.Ordinal));
        Assert.All(replies[..4], reply => Assert.Equal("InvalidParameterException", reply.Error));
        Assert.DoesNotContain(server.Log, line => line.Contains(Secret, StringComparison.Ordinal) || line.Contains("Temp-1234", StringComparison.Ordinal));
    }

    // Makes ana with a temporary password and signs her in with it; returns the Session.
    static async Task<string> Invite(App app, string? hash = null)
    {
        await app.About("ana", "AdminCreateUser", """
            {"MessageAction": "SUPPRESS", "TemporaryPassword": "Temp-1234", "ForceAliasCreation": true,
             "UserAttributes": [{"Name": "email", "Value": "ana@example.com"}, {"Name": "email_verified", "Value": "true"}]}
            """);
        return (string)(await app.TrySignIn(hash is null ? "ana" : "ana@example.com", "Temp-1234", hash)).Body["Session"]!;
    }
}
