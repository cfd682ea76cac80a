using Poolhouse.Core;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>Users who are in another system until they forget their password, or sign in.</summary>
public class MigrationTests(TriggerStage stage) : IClassFixture<TriggerStage>
{
    const string Bea = """{"userAttributes":{"email":"bea@example.com","email_verified":"true"},"finalUserStatus":"RESET_REQUIRED","messageAction":"SUPPRESS"}""";

    [Fact]
    public async Task Who_forgot_the_password_of_the_other_system_gets_a_code_here()
    {
        var app = await Pool("move-forgot", Bea);
        Assert.Equal(200, (await app.Try("ForgotPassword", """{"Username": "bea", "ClientMetadata": {"m": "1"} }""")).Status);
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"bea",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{app.ClientId}}"},"triggerSource":"UserMigration_ForgotPassword",
             "request":{"validationData":null,"clientMetadata":{"m":"1"} },
             "response":{"userAttributes":null,"forceAliasCreation":null,"enableSMSMFA":null,"finalUserStatus":null,"messageAction":null,"desiredDeliveryMediums":null} }
            """, stage.Functions.Call("move-forgot"));
        Assert.Equal("RESET_REQUIRED", (await User(app, "bea")).Status);
        Assert.Equal(200, (await app.Try("ConfirmForgotPassword", $$"""{"Username": "bea", "ConfirmationCode": "{{await app.Code("bea")}}", "Password": "Passw0rd-2"}""")).Status);
        Assert.Equal(200, (await app.TrySignIn("bea", "Passw0rd-2")).Status);
        await app.Try("ForgotPassword", """{"Username": "bea"}""");
        Assert.Single(stage.Functions.Calls("move-forgot"));
    }

    [Theory]
    [InlineData("move-empty", "{}"), InlineData("move-null", """{"userAttributes":null}"""), InlineData("move-none", """{"userAttributes":{}}""")]
    public async Task Somebody_whom_nobody_knows_does_not_exist(string name, string response) =>
        Assert.Equal("UserNotFoundException", (await (await Pool(name, response)).Try("ForgotPassword", """{"Username": "bea"}""")).Error);

    [Fact]
    public async Task Without_a_proven_address_no_code_goes_out()
    {
        var app = await Pool("move-unproven", """{"userAttributes":{"email":"bea@example.com"}}""");
        Assert.Equal("InvalidParameterException", (await app.Try("ForgotPassword", """{"Username": "bea"}""")).Error);
    }

    [Fact]
    public async Task A_function_that_throws_refuses()
    {
        var app = await stage.App($"\"UserMigration\": \"{stage.Functions.Throws("move-throws", "Bad password")}\"");
        Assert.Equal("UserMigration failed with error Bad password.", (await app.Try("ForgotPassword", """{"Username": "bea"}""")).Message);
    }

    [Theory]
    [InlineData("move-text", """{"userAttributes":{"email_verified":true}}"""), InlineData("move-unknown", """{"userAttributes":{"custom:none":"x"}}""")]
    [InlineData("move-flag", """{"userAttributes":{"email_verified":"true"}}"""), InlineData("move-alias", """{"userAttributes":{"email":"bea@example.com"},"forceAliasCreation":"yes"}""")]
    public async Task A_user_whom_the_pool_cannot_have_is_no_answer(string name, string response) =>
        Assert.Equal("InvalidLambdaResponseException", (await (await Pool(name, response)).Try("ForgotPassword", """{"Username": "bea"}""")).Error);

    [Fact]
    public async Task Who_typed_an_address_keeps_the_name_that_the_other_system_knows()
    {
        var app = await Pool("move-name", """{"userAttributes":{"username":"bea","email":"bea@example.com","email_verified":"true"}}""", """, "AliasAttributes": ["email"]""");
        Assert.Equal(200, (await app.Try("ForgotPassword", """{"Username": "bea@example.com"}""")).Status);
        Assert.Equal("bea", (string)(await app.About("bea@example.com", "AdminGetUser"))["Username"]!);
    }

    [Fact]
    public async Task A_right_password_stays_whatever_this_pool_would_say_of_it()
    {
        var app = await Pool("move-sign-in", """{"userAttributes":{"email":"bea@example.com"},"finalUserStatus":"CONFIRMED"}""");
        var (pool, client) = (await stage.Pool(app), await stage.Client(app));
        var users = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => stage.Server.Service<UserMigration>().Bring(pool, client, "bea", "weak", null, null, default)));
        Assert.Single(users.Select(user => user!.Sub).Distinct());
        Assert.Equal("CONFIRMED", (await User(app, "bea")).Status);
        Assert.Equal(200, (await app.TrySignIn("bea", "weak")).Status);
    }

    [Fact]
    public async Task An_address_of_somebody_else_moves_only_if_the_function_insists()
    {
        const string Answer = """{"userAttributes":{"email":"shared@example.com","email_verified":"true"}""";
        var app = await Pool("move-taken", Answer + "}", """, "AliasAttributes": ["email"]""");
        await app.Admin.User(app.PoolId, "ana", attributes: System.Text.Json.Nodes.JsonNode.Parse(App.List("email=shared@example.com", "email_verified=true"))!.AsArray());
        var (pool, client) = (await stage.Pool(app), await stage.Client(app));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => stage.Server.Service<UserMigration>().Bring(pool, client, "bea", "x", null, null, default));
        Assert.Equal(Refusal.AliasExists, refused.Reason);
        stage.Functions.Returns("move-taken", Answer + ""","forceAliasCreation":true}""");
        Assert.Equal("bea", (await stage.Server.Service<UserMigration>().Bring(pool, client, "bea", "x", null, null, default))!.Username);
        Assert.Equal("false", (string?)(await User(app, "ana")).Attributes["email_verified"]);
    }

    Task<App> Pool(string function, string response, string more = "") => stage.App($"\"UserMigration\": \"{stage.Functions.Returns(function, response)}\"", more);
}
