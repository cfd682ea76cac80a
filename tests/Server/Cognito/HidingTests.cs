using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>PreventUserExistenceErrors: whoever has no password and no code gets the same bytes about everybody.</summary>
public class HidingTests
{
    const string Hiding = """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""";
    const string Mails = """{"AutoVerifiedAttributes": ["email"], "AliasAttributes": ["email"]}""";

    static readonly string[] Everybody = ["nobody", "ana", "off", "temp", "bare"];

    [Theory]
    [InlineData("InitiateAuth", """{"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "$", "PASSWORD": "Wrong-1234"} }""", "NotAuthorizedException")]
    [InlineData("ConfirmSignUp", """{"Username": "$", "ConfirmationCode": "123456x"}""", "ExpiredCodeException")]
    [InlineData("ConfirmForgotPassword", """{"Username": "$", "ConfirmationCode": "123456x", "Password": "Other-1234"}""", "ExpiredCodeException")]
    [InlineData("ConfirmForgotPassword", """{"Username": "$", "ConfirmationCode": "123456x", "Password": "weak"}""", "InvalidPasswordException")]
    public async Task A_call_that_proves_nothing_is_answered_alike_about_users_of_every_kind_and_about_nobody(string operation, string body, string type)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Pool(server, Mails);
        await Alike(app, Everybody, operation, body, type);
    }

    [Theory]
    [InlineData("ResendConfirmationCode", "ConfirmSignUp", """{"Username": "$", "ConfirmationCode": "123456x"}""")]
    [InlineData("ForgotPassword", "ConfirmForgotPassword", """{"Username": "$", "ConfirmationCode": "123456x", "Password": "Other-1234"}""")]
    public async Task Everybody_seems_to_be_sent_a_code_and_guesses_at_it_end_alike(string send, string confirm, string body)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Pool(server, Mails);
        await AccountTests.SignUp(app, "una");
        string[] all = [.. Everybody, "una"];
        foreach (var name in all)
        {
            var sent = await app.Try(send, $$"""{"Username": "{{name}}"}""");
            Assert.Matches("""^{"CodeDeliveryDetails":{"Destination":"[a-z]\*{3}@[a-z]\*{3}","DeliveryMedium":"EMAIL","AttributeName":"email"}}$""", sent.Body.ToJsonString());
            Assert.Equal(sent.Body.ToJsonString(), (await app.Try(send, $$"""{"Username": "{{name}}"}""")).Body.ToJsonString());
        }
        for (var tries = 0; tries < 5; tries++) await Alike(app, all, confirm, body, "CodeMismatchException");
        await Alike(app, all, confirm, body, "ExpiredCodeException");
    }

    [Fact]
    public async Task In_a_pool_that_verifies_nothing_no_code_of_a_sign_up_is_sent_again_to_anybody()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Pool(server, "{}");
        await AccountTests.SignUp(app, "una");
        await Alike(app, [.. Everybody, "una"], "ResendConfirmationCode", """{"Username": "$"}""", "InvalidParameterException");
    }

    [Fact]
    public async Task A_taken_name_is_told_at_the_sign_up_and_a_taken_address_not()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Pool(server, Mails);
        var taken = await AccountTests.SignUp(app, "ana");
        Assert.Equal(("UsernameExistsException", "User already exists"), (taken.Error, taken.Message));
        var (known, unknown) = (await AccountTests.SignUp(app, "eve", "ana@example.com"), await AccountTests.SignUp(app, "mal", "new@example.com"));
        Assert.Equal((200, 200), (known.Status, unknown.Status));
        Assert.Equal(known.Body.Select(member => member.Key), unknown.Body.Select(member => member.Key));
    }

    /// <summary>The same status, error header and body about all of them.</summary>
    static async Task Alike(App app, string[] names, string operation, string body, string type)
    {
        var answers = new List<(int, string, string)>();
        foreach (var name in names)
        {
            var reply = await app.Try(operation, body.Replace("$", name, StringComparison.Ordinal));
            Assert.True(reply.Error == type, $"{operation} about {name}: {reply.Status} {reply.Body.ToJsonString()}");
            ErrorLists.Check(operation, type);
            answers.Add((reply.Status, reply.Http.Headers.GetValues("x-amzn-ErrorType").Single(), reply.Body.ToJsonString()));
        }
        Assert.Single(answers.Distinct());
    }

    /// <summary>A client that hides users, with one who is confirmed, one disabled, one with a temporary password, one without an address.</summary>
    static async Task<App> Pool(PoolhouseTestServer server, string settings)
    {
        var app = await App.Start(server, Hiding, settings);
        await app.User("ana");
        await app.User("off");
        await app.About("off", "AdminDisableUser");
        await app.About("temp", "AdminCreateUser", $$"""{"MessageAction": "SUPPRESS", "UserAttributes": {{App.List("email=temp@example.com", "email_verified=true")}} }""");
        await app.Admin.User(app.PoolId, "bare");
        return app;
    }
}
