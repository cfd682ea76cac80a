using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>A function that refuses, is out of order or slow must not cost a session, and must not keep one alive.</summary>
public class TokenOutageTests(TokenStage stage) : IClassFixture<TokenStage>
{
    Realm Realm => stage.Realm;

    [Fact]
    public async Task A_refusal_spends_neither_the_code_nor_the_refresh_token()
    {
        await stage.Answer("V1_0", "{}");
        var client = await Realm.Client("""{"RefreshTokenRotation": {"Feature": "ENABLED"}}""");
        var code = await Realm.Code(client);
        await Throw("Not \"today\"");
        var refused = await Realm.Redeem(client, code);
        Assert.Equal((400, "invalid_grant", "PreTokenGeneration failed with error Not 'today'."), (refused.Status, (string)refused.Body["error"]!, (string)refused.Body["error_description"]!));
        await stage.Answer("V1_0", "{}");
        var tokens = Realm.Granted(await Realm.Redeem(client, code));

        await Throw("no");
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await Realm.App.Refresh(client, tokens.Refresh)));
        await stage.Answer("V1_0", "{}");
        Realm.Granted(await Realm.App.Refresh(client, tokens.Refresh));
    }

    [Fact]
    public async Task A_function_out_of_order_is_no_invalid_grant()
    {
        await stage.Answer("V1_0", "{}");
        var client = await Realm.Client();
        var tokens = await Realm.SignIn(client);
        await stage.Deploy("V1_0", _ => new("{}", 503));
        Assert.Equal((503, "temporarily_unavailable"), Realm.Refusal(await Realm.App.Refresh(client, tokens.Refresh)));
        var reply = await Realm.Admin.Try("GetTokensFromRefreshToken", new() { ["ClientId"] = client, ["RefreshToken"] = tokens.Refresh }, signed: false);
        Assert.Equal(("UnexpectedLambdaException", "PreTokenGeneration invocation failed due to error HTTP 503."), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task A_stolen_token_ends_its_session_although_the_function_refuses_everything()
    {
        await stage.Answer("V1_0", "{}");
        var client = await Realm.Client("""{"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}}""");
        var first = await Realm.SignIn(client);
        var second = Realm.Granted(await Realm.App.Refresh(client, first.Refresh));
        await Throw("no");
        var reuse = await Realm.App.Refresh(client, first.Refresh);
        Assert.Equal("Refresh Token has been used already", (string)reuse.Body["error_description"]!);
        await stage.Answer("V1_0", "{}");
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await Realm.App.Refresh(client, second.Refresh)));
    }

    [Fact]
    public async Task A_session_that_ends_while_the_function_thinks_yields_nothing()
    {
        await stage.Answer("V1_0", "{}");
        var client = await Realm.Client();
        var tokens = await Realm.SignIn(client);
        await stage.Deploy("V1_0", call =>
        {
            Realm.App.Post("/oauth2/revoke", [("token", tokens.Refresh), ("client_id", client)]).GetAwaiter().GetResult();
            return new(Functions.With(call, null));
        });
        var refused = await Realm.App.Refresh(client, tokens.Refresh);
        Assert.Equal("Refresh Token has been revoked", (string)refused.Body["error_description"]!);
    }

    [Fact]
    public async Task A_user_who_is_disabled_while_the_function_thinks_is_not_signed_in()
    {
        await Realm.User("gone");
        var client = await Realm.Client();
        await stage.Deploy("V1_0", call =>
        {
            Realm.Admin.Call("AdminDisableUser", new() { ["UserPoolId"] = Realm.Pool, ["Username"] = "gone" }).GetAwaiter().GetResult();
            return new(Functions.With(call, null));
        });
        var reply = await Realm.Admin.Try("InitiateAuth", new()
        {
            ["AuthFlow"] = "USER_PASSWORD_AUTH", ["ClientId"] = client, ["AuthParameters"] = new JsonObject { ["USERNAME"] = "gone", ["PASSWORD"] = Realm.Password },
        }, signed: false);
        Assert.Equal("User is disabled.", reply.Message);
    }

    [Fact]
    public async Task A_slow_function_does_not_use_up_the_grace_of_who_came_in_time()
    {
        await stage.Answer("V1_0", "{}");
        var client = await Realm.Client("""{"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}}""");
        var first = await Realm.SignIn(client);
        var second = Realm.Granted(await Realm.App.Refresh(client, first.Refresh));
        Realm.Clock.Advance(TimeSpan.FromSeconds(9));
        await stage.Deploy("V1_0", call =>
        {
            Realm.Clock.Advance(TimeSpan.FromSeconds(4));
            return new(Functions.With(call, null));
        });
        Assert.Equal(second.Refresh, Realm.Granted(await Realm.App.Refresh(client, first.Refresh)).Refresh);
        // Who comes too late is too late, however fast the function is.
        Assert.Equal("Refresh Token has been used already", (string)(await Realm.App.Refresh(client, first.Refresh)).Body["error_description"]!);
    }

    Task Throw(string message) => stage.Deploy("V1_0", _ => new(new JsonObject { ["errorMessage"] = message, ["errorType"] = "Error" }.ToJsonString(), FunctionError: "Unhandled"));
}
