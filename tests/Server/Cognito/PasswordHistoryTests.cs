using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

public class PasswordHistoryTests
{
    const string Remembers = """{"Policies": {"PasswordPolicy": {"MinimumLength": 8, "RequireLowercase": true, "PasswordHistorySize": 2} } }""";

    static readonly (string?, string?) Used = ("PasswordHistoryPolicyViolationException", "Password has previously been used");

    [Fact]
    public async Task A_password_comes_back_only_after_as_many_others_as_the_pool_remembers()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Third(server);
        foreach (var used in (string[])["Third-1234", "Second-1234", "Passw0rd-1"])
            Assert.Equal(Used, Refused("ChangePassword", await app.ChangePassword(token, "Third-1234", used)));
        Assert.Equal(200, (await app.ChangePassword(token, "Third-1234", "Fourth-1234")).Status);
        Assert.Equal(200, (await app.ChangePassword(token, "Fourth-1234", "Passw0rd-1")).Status);
        await app.SignIn("ana");
    }

    [Fact]
    public async Task A_pool_that_remembers_none_takes_the_same_one_again()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        Assert.Equal(200, (await app.ChangePassword((string)(await app.SignIn("ana"))["AccessToken"]!, "Passw0rd-1", "Passw0rd-1")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_administrator_sets_no_used_password_either(bool permanent)
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, _) = await Third(server);
        async Task<ApiReply> Set(string password) => await app.Admin.Try("AdminSetUserPassword",
            new() { ["UserPoolId"] = app.PoolId, ["Username"] = "ana", ["Password"] = password, ["Permanent"] = permanent });
        foreach (var used in (string[])["Third-1234", "Passw0rd-1"]) Assert.Equal(Used, Refused("AdminSetUserPassword", await Set(used)));
        Assert.Equal(200, (await Set("Fourth-1234")).Status);
    }

    [Fact]
    public async Task Who_must_choose_a_password_may_not_keep_the_temporary_one_and_may_try_again()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, _) = await Third(server);
        await app.About("ana", "AdminSetUserPassword", """{"Password": "Temp-1234", "Permanent": false}""");
        var session = (string)(await app.TrySignIn("ana", "Temp-1234")).Body["Session"]!;
        foreach (var used in (string[])["Temp-1234", "Third-1234"])
            Assert.Equal(Used, Refused("RespondToAuthChallenge", await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", used))));
        Assert.Equal(200, (await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", "Fourth-1234"))).Status);
    }

    [Fact]
    public async Task A_right_code_is_not_lost_by_a_used_password_however_often()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, _) = await Third(server);
        await app.Try("ForgotPassword", """{"Username": "ana"}""");
        var code = await app.Code("ana");
        for (var tries = 0; tries < 25; tries++) Assert.Equal(Used, Refused("ConfirmForgotPassword", await AccountTests.Reset(app, "ana", code, "Second-1234")));
        Assert.Equal(200, (await AccountTests.Reset(app, "ana", code, "Fourth-1234")).Status);
        Assert.Equal("ExpiredCodeException", (await AccountTests.Reset(app, "ana", code, "Fifth-1234")).Error);
    }

    [Fact]
    public async Task Nobody_learns_a_used_password_without_the_code_or_the_old_password()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await Third(server);
        Assert.Equal("ExpiredCodeException", (await AccountTests.Reset(app, "ana", "000000x", "Third-1234")).Error);
        await app.Try("ForgotPassword", """{"Username": "ana"}""");
        for (var tries = 0; tries < 4; tries++) Assert.Equal("CodeMismatchException", (await AccountTests.Reset(app, "ana", "000000x", "Third-1234")).Error);
        Assert.Equal("Incorrect username or password.", (await app.ChangePassword(token, "Wrong-1234", "Third-1234")).Message);

        // Wrong codes are counted as before, although a right one is not.
        var code = await app.Code("ana");
        Assert.Equal(Used, Refused("ConfirmForgotPassword", await AccountTests.Reset(app, "ana", code, "Third-1234")));
        Assert.Equal("CodeMismatchException", (await AccountTests.Reset(app, "ana", "000000x", "Third-1234")).Error);
        Assert.Equal("ExpiredCodeException", (await AccountTests.Reset(app, "ana", code, "Fourth-1234")).Error);
    }

    /// <summary>A pool that remembers two, and ana with her third password.</summary>
    static async Task<(App App, string Token)> Third(PoolhouseTestServer server)
    {
        var (app, token) = await AttributeTests.Ana(server, Remembers);
        foreach (var (old, chosen) in new[] { ("Passw0rd-1", "Second-1234"), ("Second-1234", "Third-1234") })
            Assert.Equal(200, (await app.ChangePassword((string)token!, old, chosen)).Status);
        return (app, (string)token!);
    }
}
