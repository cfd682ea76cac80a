using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class GuessingTests
{
    const string Hiding = """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""";
    const string Locked = "Password attempts exceeded";
    const string Wrong = "Incorrect username or password.";

    [Fact]
    public async Task Five_failures_lock_an_account_for_a_second_that_doubles_with_each_further_one()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        for (var tries = 0; tries < 5; tries++) Assert.Equal(Wrong, (await app.TrySignIn("ana", "Wrong-1234")).Message);

        Assert.Equal(Locked, (await app.TrySignIn("ana")).Message);
        Assert.Equal(Locked, (await app.TrySignIn("ana", "Wrong-1234")).Message);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Wrong, (await app.TrySignIn("ana", "Wrong-1234")).Message);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Locked, (await app.TrySignIn("ana")).Message);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await app.TrySignIn("ana")).Status);
        for (var tries = 0; tries < 4; tries++) Assert.Equal(Wrong, (await app.TrySignIn("ana", "Wrong-1234")).Message);
        Assert.Equal(200, (await app.TrySignIn("ana")).Status);
    }

    [Fact]
    public async Task A_lock_survives_a_restart()
    {
        var clock = new FakeTimeProvider();
        await using var first = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(first);
        await app.User("ana");
        for (var tries = 0; tries < 5; tries++) await app.TrySignIn("ana", "Wrong-1234");
        await first.Stop();

        await using var second = await PoolhouseTestServer.Start(clock: clock, data: first.Data);
        async Task<string?> Message() => (await new Admin(second).Try("InitiateAuth", App.Object($$"""
            {"ClientId": "{{app.ClientId}}", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ana", "PASSWORD": "Passw0rd-1"} }
            """), signed: false)).Message;
        Assert.Equal(Locked, await Message());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await Message());
    }

    [Fact]
    public async Task A_burst_of_guesses_gets_no_more_tries_than_a_patient_guesser_and_a_name_without_a_user_no_other()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, Hiding);
        await app.User("ana");
        foreach (var name in new[] { "ana", "nobody" })
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(guess => app.TrySignIn(name, $"Wrong-{guess}")));
            Assert.Equal((5, 35), (replies.Count(reply => reply.Message == Wrong), replies.Count(reply => reply.Message == Locked)));
        }
    }

    [Fact]
    public async Task Guessing_the_old_password_at_a_change_counts_like_guessing_it_at_the_sign_in()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        var token = (string)(await app.SignIn("ana"))["AccessToken"]!;
        for (var tries = 0; tries < 5; tries++) Assert.Equal(Wrong, (await app.ChangePassword(token, "Wrong-1234", "Other-1234")).Message);
        Assert.Equal(Locked, (await app.ChangePassword(token, "Passw0rd-1", "Other-1234")).Message);
        Assert.Equal(Locked, (await app.TrySignIn("ana")).Message);
    }

    [Fact]
    public async Task One_password_tried_on_many_accounts_and_one_address_that_errs_on_many_are_stopped()
    {
        await using var server = await PoolhouseTestServer.Start(settings: settings => settings with { SignIn = new SignInOptions(FailuresPerAddress: 8, FailuresPerPassword: 3) });
        var app = await App.Start(server);
        await app.User("ana");
        for (var name = 0; name < 3; name++) Assert.Equal("UserNotFoundException", (await app.TrySignIn($"user{name}", "Summer-2026")).Error);
        Assert.Equal(Locked, (await app.TrySignIn("user9", "Summer-2026")).Message);
        for (var name = 0; name < 5; name++) await app.TrySignIn($"user{name}", $"Other-{name}");
        Assert.Equal(Locked, (await app.TrySignIn("ana")).Message);

        // A backend's own address says nothing about its users; the one that it names does.
        async Task<string?> Backend(string context) => (await app.Admin.Try("AdminInitiateAuth", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "ClientId": "{{app.ClientId}}", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ana", "PASSWORD": "Passw0rd-1"}{{context}} }
            """))).Message;
        Assert.Null(await Backend(""));
        Assert.Null(await Backend(""", "ContextData": {"IpAddress": "192.0.2.1", "ServerName": "s", "ServerPath": "/", "HttpHeaders": []}"""));
        Assert.Equal(Locked, await Backend(""", "ContextData": {"IpAddress": "127.0.0.1", "ServerName": "s", "ServerPath": "/", "HttpHeaders": []}"""));
    }

    [Fact]
    public async Task Of_five_hundred_guesses_at_once_at_a_reset_code_five_are_evaluated()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        await app.Try("ForgotPassword", """{"Username": "ana"}""");
        var code = await app.Code("ana");

        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(guess => AccountTests.Reset(app, "ana", $"x{guess}", "Other-1234")));
        Assert.InRange(replies.Count(reply => reply.Error == "CodeMismatchException"), 1, 5);
        Assert.DoesNotContain(replies, reply => reply.Status == 200);
        Assert.All(replies, reply => Assert.Contains(reply.Error, (string[])["CodeMismatchException", "ExpiredCodeException", "TooManyFailedAttemptsException", "TooManyRequestsException"]));
        Assert.NotEqual(200, (await AccountTests.Reset(app, "ana", code, "Other-1234")).Status);
    }

    [Fact]
    public async Task Five_codes_an_hour_are_sent()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        for (var sent = 0; sent < 5; sent++) Assert.Equal(200, (await app.Try("ForgotPassword", """{"Username": "ana"}""")).Status);
        var sixth = await app.Try("ForgotPassword", """{"Username": "ana"}""");
        Assert.Equal(("LimitExceededException", "Attempt limit exceeded, please try after some time."), (sixth.Error, sixth.Message));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(200, (await app.Try("ForgotPassword", """{"Username": "ana"}""")).Status);
    }

    [Theory]
    [InlineData("ana")]
    [InlineData("nobody")]
    [InlineData("off")]
    public async Task Where_users_are_hidden_codes_and_guesses_tell_nothing_of_who_exists(string name)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, """{"AutoVerifiedAttributes": ["email"]}""");
        await app.User("ana");
        await app.User("off");
        await app.About("off", "AdminDisableUser");

        Assert.Equal("ExpiredCodeException", (await AccountTests.Reset(app, name, "000000x", "Other-1234")).Error);
        var sent = await app.Try("ForgotPassword", $$"""{"Username": "{{name}}"}""");
        var to = sent.Body["CodeDeliveryDetails"]!.AsObject();
        Assert.Matches(@"^[a-z]\*\*\*@[a-z]\*\*\*$", (string)to["Destination"]!);
        Assert.Equal(("EMAIL", "email"), ((string)to["DeliveryMedium"]!, (string)to["AttributeName"]!));
        for (var tries = 0; tries < 5; tries++) Assert.Equal("CodeMismatchException", (await AccountTests.Reset(app, name, "000000x", "Other-1234")).Error);
        Assert.Equal("ExpiredCodeException", (await AccountTests.Reset(app, name, "000000x", "Other-1234")).Error);
        for (var more = 0; more < 4; more++)
            Assert.Equal(sent.Body.ToJsonString(), (await app.Try("ForgotPassword", $$"""{"Username": "{{name}}"}""")).Body.ToJsonString());
        Assert.Equal("LimitExceededException", (await app.Try("ForgotPassword", $$"""{"Username": "{{name}}"}""")).Error);
    }

    [Fact]
    public async Task Where_users_are_hidden_a_sign_up_that_never_was_has_codes_too()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, """{"AutoVerifiedAttributes": ["email"]}""");
        await AccountTests.SignUp(app, "ana");
        foreach (var name in new[] { "ana", "nobody" })
        {
            var sent = await app.Try("ResendConfirmationCode", $$"""{"Username": "{{name}}"}""");
            Assert.Equal(("EMAIL", 200), ((string)sent.Body["CodeDeliveryDetails"]!["DeliveryMedium"]!, sent.Status));
            Assert.Equal("CodeMismatchException", (await AccountTests.Confirm(app, name, "000000x")).Error);
        }
    }
}
