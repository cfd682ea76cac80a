using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class IntrospectTests(Realm realm) : IClassFixture<Realm>
{
    const string Dead = """{"active":false}""";

    [Fact]
    public async Task A_client_sees_its_own_tokens_of_every_kind()
    {
        var (client, secret) = await realm.Confidential();
        var tokens = await realm.SignIn(client, "openid api/read", secret);
        var access = (await Ask(client, secret, tokens.Access)).Body;
        Assert.True((bool)access["active"]!);
        Assert.Equal(("openid api/read", client, "ana", "access", realm.Issuer),
            ((string?)access["scope"], (string?)access["client_id"], (string?)access["username"], (string?)access["token_use"], (string?)access["iss"]));
        var claims = await Claims.Verified(realm, tokens.Access);
        foreach (var same in (string[])["sub", "exp", "iat", "jti", "origin_jti"]) Assert.Equal((same, claims[same]!.ToString()), (same, access[same]!.ToString()));
        Assert.Equal("id", (string?)(await Ask(client, secret, tokens.Id!)).Body["token_use"]);
        Assert.Equal("refresh", (string?)(await Ask(client, secret, tokens.Refresh)).Body["token_use"]);
    }

    [Fact]
    public async Task Those_of_others_only_with_the_scope_for_the_whole_pool()
    {
        var tokens = await realm.SignIn(await realm.Client());
        var (stranger, secret) = await realm.Confidential();
        var (guard, guardSecret) = await realm.Machine("""["poolhouse/introspect"]""");
        foreach (var token in (string[])[tokens.Access, tokens.Id!, tokens.Refresh])
        {
            Assert.Equal(Dead, (await Ask(stranger, secret, token)).Body.ToJsonString());
            Assert.True((bool)(await Ask(guard, guardSecret, token)).Body["active"]!);
        }
    }

    [Fact]
    public async Task Of_a_dead_token_it_says_that_and_nothing_more()
    {
        var (client, secret) = await realm.Confidential("""{"RefreshTokenRotation": {"Feature": "ENABLED"}}""");
        var (revoked, late) = (await realm.SignIn(client, secret: secret), await realm.SignIn(client, secret: secret));
        var rotated = Realm.Granted(await realm.App.Refresh(client, late.Refresh, $"{client}:{secret}"));
        await realm.App.Post("/oauth2/revoke", [("token", revoked.Refresh)], $"{client}:{secret}");
        Assert.True((bool)(await Ask(client, secret, rotated.Refresh)).Body["active"]!);
        await AreDead(client, secret, revoked.Access, revoked.Id!, revoked.Refresh, "garbage", new string('!', 74));
        realm.Clock.Advance(TimeSpan.FromHours(1));
        await AreDead(client, secret, late.Access, late.Id!, late.Refresh);
    }

    [Fact]
    public async Task Tokens_of_another_pool_are_dead_even_to_who_sees_the_whole_of_this_one()
    {
        var (guard, secret) = await realm.Machine("""["poolhouse/introspect"]""");
        var pool = await realm.Admin.Pool();
        var client = (string)(await realm.Admin.Client(pool))["ClientId"]!;
        await realm.Admin.User(pool, "ana");
        var foreign = await realm.Admin.SignIn(client, "ana");
        foreach (var member in (string[])["AccessToken", "IdToken", "RefreshToken"])
            Assert.Equal(Dead, (await Ask(guard, secret, (string)foreign[member]!)).Body.ToJsonString());
    }

    [Fact]
    public async Task Whoever_does_not_prove_to_be_a_confidential_client_is_answered_401()
    {
        var (client, secret) = await realm.Confidential();
        var tokens = await realm.SignIn(client, secret: secret);
        var own = await realm.Client();
        foreach (var (id, basic) in new[] { (client, null), (client, $"{client}:wrong"), (own, null), ("nobody", "nobody:x"), ("", null) })
            Assert.Equal((401, "invalid_client"), Realm.Refusal(await realm.App.Post("/oauth2/introspect", [("client_id", id), ("token", tokens.Access)], basic)));
        Assert.Equal((400, "invalid_request"), Realm.Refusal(await realm.App.Post("/oauth2/introspect", [], $"{client}:{secret}")));
    }

    [Fact]
    public async Task It_is_no_business_of_browsers()
    {
        var (client, secret) = await realm.Confidential();
        var reply = await Ask(client, secret, "x");
        Assert.False(reply.Http.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.True(reply.Http.Headers.CacheControl?.NoStore);
    }

    async Task AreDead(string client, string secret, params string[] tokens)
    {
        foreach (var token in tokens)
        {
            var reply = await Ask(client, secret, token);
            Assert.Equal((200, Dead), (reply.Status, reply.Body.ToJsonString()));
        }
    }

    Task<ApiReply> Ask(string client, string secret, string token) => realm.App.Post("/oauth2/introspect", [("token", token)], $"{client}:{secret}");
}
