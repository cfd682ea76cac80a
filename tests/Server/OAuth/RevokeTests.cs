using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class RevokeTests(Realm realm) : IClassFixture<Realm>
{
    [Fact]
    public async Task It_answers_with_nothing_and_the_session_is_dead()
    {
        var client = await realm.Client();
        var (tokens, other) = (await realm.SignIn(client), await realm.SignIn(client));
        var reply = await Revoke(client, tokens.Refresh);
        Assert.Equal((200, 0L), (reply.Status, reply.Http.Content.Headers.ContentLength));
        Assert.Null(reply.Http.Content.Headers.ContentType);
        Assert.Equal("*", reply.Http.Headers.GetValues("Access-Control-Allow-Origin").Single());

        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.App.Refresh(client, tokens.Refresh)));
        Assert.Equal(401, (await realm.App.UserInfo(tokens.Access)).Status);
        Assert.Equal(200, (await realm.App.UserInfo(other.Access)).Status);
        Assert.Equal(200, (await Revoke(client, tokens.Refresh)).Status);
    }

    [Fact]
    public async Task Tokens_that_a_refresh_had_yielded_die_with_the_session()
    {
        var client = await realm.Client();
        var tokens = await realm.SignIn(client);
        var refreshed = Realm.Granted(await realm.App.Refresh(client, tokens.Refresh));
        await Revoke(client, tokens.Refresh);
        Assert.Equal(401, (await realm.App.UserInfo(refreshed.Access)).Status);
    }

    [Fact]
    public async Task A_spent_generation_ends_its_family_too()
    {
        var client = await realm.Client("""{"RefreshTokenRotation": {"Feature": "ENABLED"}}""");
        var first = await realm.SignIn(client);
        var second = Realm.Granted(await realm.App.Refresh(client, first.Refresh));
        realm.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await Revoke(client, first.Refresh)).Status);
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.App.Refresh(client, second.Refresh)));
    }

    [Theory]
    [InlineData("garbage"), InlineData("AQABAAAA"), InlineData("eyJjdHki.a.b.c.d"), InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public async Task What_is_no_token_of_ours_is_nothing_to_complain_about(string token) =>
        Assert.Equal(200, (await Revoke(await realm.Client(), token)).Status);

    [Fact]
    public async Task Access_and_ID_tokens_are_of_an_unsupported_type()
    {
        var client = await realm.Client();
        var tokens = await realm.SignIn(client);
        Assert.Equal((400, "unsupported_token_type"), Realm.Refusal(await Revoke(client, tokens.Access)));
        Assert.Equal((400, "unsupported_token_type"), Realm.Refusal(await Revoke(client, tokens.Id!)));
        Assert.Equal(200, (await realm.App.UserInfo(tokens.Access)).Status);
    }

    [Fact]
    public async Task Whoever_is_not_the_client_is_answered_401_and_ends_nothing()
    {
        var client = await realm.Client();
        var (confidential, secret) = await realm.Confidential();
        var (mine, theirs) = (await realm.SignIn(client), await realm.SignIn(confidential, secret: secret));
        Assert.Equal((401, "invalid_client"), Realm.Refusal(await Revoke("nobody", mine.Refresh)));
        Assert.Equal((401, "invalid_client"), Realm.Refusal(await Revoke(client, theirs.Refresh)));
        Assert.Equal((401, "invalid_client"), Realm.Refusal(await Revoke(confidential, theirs.Refresh)));
        Assert.Equal((401, "invalid_client"), Realm.Refusal(await Revoke(confidential, theirs.Refresh, $"{confidential}:wrong")));
        Assert.Equal((200, 200), ((await realm.App.UserInfo(mine.Access)).Status, (await realm.App.UserInfo(theirs.Access)).Status));
        Assert.Equal(200, (await Revoke(confidential, theirs.Refresh, $"{confidential}:{secret}")).Status);
        Assert.Equal(401, (await realm.App.UserInfo(theirs.Access)).Status);
    }

    [Fact]
    public async Task Without_a_token_or_with_the_feature_off_it_is_a_bad_request()
    {
        var client = await realm.Client();
        Assert.Equal((400, "invalid_request"), Realm.Refusal(await realm.App.Post("/oauth2/revoke", [("client_id", client)])));
        var off = await realm.Client("""{"EnableTokenRevocation": false}""");
        var tokens = await realm.SignIn(off);
        Assert.Equal((400, "invalid_request"), Realm.Refusal(await Revoke(off, tokens.Refresh)));
        Assert.Equal(200, (await realm.App.UserInfo(tokens.Access)).Status);
    }

    [Fact]
    public async Task A_revocation_outlives_the_feature()
    {
        var client = await realm.Client();
        var tokens = await realm.SignIn(client);
        Assert.Equal(200, (await Revoke(client, tokens.Refresh)).Status);
        await realm.Change(client, """{"EnableTokenRevocation": false}""");
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.App.Refresh(client, tokens.Refresh)));
        Assert.Equal(401, (await realm.App.UserInfo(tokens.Access)).Status);
    }

    Task<ApiReply> Revoke(string client, string token, string? basic = null) =>
        realm.App.Post("/oauth2/revoke", [("client_id", client), ("token", token), ("token_type_hint", "refresh_token")], basic);
}
