using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Whatever ends a session arrives as a security event token that verifies, and that passes for no other kind of token.</summary>
public class SsfEventTests(SsfStage stage) : IClassFixture<SsfStage>
{
    static readonly Dictionary<string, (Func<App, string, JsonObject, Task> End, string? Initiator)> Ends = new()
    {
        ["revoked"] = ((app, _, tokens) => app.Revoke((string)tokens["RefreshToken"]!), "user"),
        ["signed out everywhere"] = ((app, _, tokens) => app.Admin.Call("GlobalSignOut", new() { ["AccessToken"] = (string)tokens["AccessToken"]! }), "user"),
        ["signed the user out"] = ((app, user, _) => app.About(user, "AdminUserGlobalSignOut"), "admin"),
        ["disabled"] = ((app, user, _) => app.About(user, "AdminDisableUser"), "admin"),
        ["deleted"] = ((app, user, _) => app.About(user, "AdminDeleteUser"), null),
        ["used again"] = (async (app, _, tokens) =>
        {
            var first = (string)tokens["RefreshToken"]!;
            await app.Refresh((string)(await app.Refresh(first)).Body["AuthenticationResult"]!["RefreshToken"]!);
            await app.Refresh(first);
        }, "policy"),
    };

    public static TheoryData<string> Ways() => [.. Ends.Keys];

    [Theory, MemberData(nameof(Ways))]
    public async Task A_session_that_ends_is_told(string way)
    {
        var app = await App.Start(stage.Server, """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}}""");
        await app.User("ana");
        var tokens = await app.SignIn("ana");
        var subscriber = await Subscriber.Start(stage.Server, app.PoolId);
        var stream = await subscriber.Poller();
        await Ends[way].End(app, "ana", tokens);

        var (jti, token) = Assert.Single(await subscriber.Poll(stream));
        var set = await Claims.Verified(stage.Server, app.PoolId, token);
        Assert.Equal(("secevent+jwt", "RS256", jti), ((string?)set.Header["typ"], (string?)set.Header["alg"], (string?)set["jti"]));
        Assert.Equal(["aud", "events", "iat", "iss", "jti", "sub_id", "txn"], set.Names);
        var issuer = $"{stage.Server.Url}/{app.PoolId}";
        Assert.Equal((issuer, (string?)(await subscriber.Send("GET", $"streams?stream_id={stream}"))["aud"]), ((string?)set["iss"], (string?)set["aud"]));
        var access = App.Claims(tokens["AccessToken"]);
        var subject = set["sub_id"]!;
        Assert.Equal(("complex", "opaque", (string?)access["origin_jti"]), ((string?)subject["format"], (string?)subject["session"]!["format"], (string?)subject["session"]!["id"]));
        Assert.Equal(("iss_sub", issuer, (string?)access["sub"]), ((string?)subject["user"]!["format"], (string?)subject["user"]!["iss"], (string?)subject["user"]!["sub"]));
        var told = set["events"]![Subscriber.SessionRevoked]!;
        Assert.Equal((Ends[way].Initiator, (long)set["iat"]!), ((string?)told["initiating_entity"], (long)told["event_timestamp"]!));
        Assert.Contains(way, (string?)told["reason_admin"]!["en"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_client_is_one_event_about_everything_that_came_through_it()
    {
        var app = await App.Start(stage.Server);
        var subscriber = await Subscriber.Start(stage.Server, app.PoolId);
        var stream = await subscriber.Poller();
        await app.Admin.Call("DeleteUserPoolClient", new() { ["UserPoolId"] = app.PoolId, ["ClientId"] = app.ClientId });
        var set = await Claims.Verified(stage.Server, app.PoolId, Assert.Single(await subscriber.Poll(stream)).Value);
        Assert.Equal($$$"""{"format":"complex","application":{"format":"opaque","id":"{{{app.ClientId}}}"}}""", set["sub_id"]!.ToJsonString());
        Assert.Equal("The app client was deleted", (string?)set["events"]![Subscriber.SessionRevoked]!["reason_admin"]!["en"]);
    }

    [Fact]
    public async Task A_deleted_pool_takes_its_streams_with_it_and_a_deleted_subscriber_its_own()
    {
        var app = await App.Start(stage.Server);
        var anybody = new Subscriber(stage.Server, app.PoolId);
        var stream = await anybody.Poller();
        await app.Admin.Call("DeleteUserPool", new() { ["UserPoolId"] = app.PoolId });
        Assert.Equal(404, (await anybody.Send("POST", $"poll/{stream}", "{}")).Status);

        var subscriber = await Subscriber.Start(stage.Server, stage.Pool);
        stream = await subscriber.Poller();
        await new Admin(stage.Server).Call("DeleteUserPoolClient", new() { ["UserPoolId"] = stage.Pool, ["ClientId"] = (string?)App.Claims(subscriber.Token)["client_id"] });
        Assert.Equal(401, (await subscriber.Send("POST", $"poll/{stream}", "{}")).Status);
        Assert.Null(await stage.Server.Service<Poolhouse.Storage.SsfStreamStore>().Find(stream, default));
    }

    [Fact]
    public async Task An_event_passes_for_no_access_token_and_no_ID_token()
    {
        var app = await App.Start(stage.Server);
        var subscriber = await Subscriber.Start(stage.Server, app.PoolId);
        var stream = await subscriber.Poller();
        await subscriber.Verify(stream);
        var token = Assert.Single(await subscriber.Poll(stream)).Value;
        Assert.Equal((401, "invalid_token"), Realm.Refusal(await new OAuthClient(stage.Server).UserInfo(token)));
        Assert.Equal("NotAuthorizedException", (await app.GetUser(token)).Error);
        Assert.Equal(401, (await new Subscriber(stage.Server, app.PoolId, token).Send("GET", "streams")).Status);
        var check = stage.Server.Service<Poolhouse.Server.SignIn.AccessTokenCheck>();
        foreach (var kind in (string[])["access", "id"]) await Assert.ThrowsAsync<Poolhouse.Core.RefusedException>(() => check.Check(token, kind, default));
    }

    [Fact]
    public async Task A_verification_event_comes_back_with_its_state()
    {
        var stream = await stage.One.Poller();
        Assert.Equal(204, (await stage.One.Verify(stream, "Zm9vIMO8")).Status);
        var (jti, token) = Assert.Single(await stage.One.Poll(stream));
        var set = await Claims.Verified(stage.Server, stage.Pool, token);
        Assert.Equal($$"""{"format":"opaque","id":"{{stream}}"}""", set["sub_id"]!.ToJsonString());
        Assert.Equal("Zm9vIMO8", (string?)set["events"]![Subscriber.Verification]!["state"]);
        Assert.DoesNotContain("sub", set.Names);
        Assert.DoesNotContain("exp", set.Names);
        Assert.Empty(await stage.One.Ack(stream, jti));
        var waiting = 0;
        while ((await stage.One.Verify(stream)).Status == 204) waiting++;
        Assert.Equal((10, 429), (waiting, (await stage.One.Verify(stream)).Status));
    }
}
