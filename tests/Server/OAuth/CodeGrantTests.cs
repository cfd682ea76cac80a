using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class CodeGrantTests(Realm realm) : IClassFixture<Realm>
{
    [Fact]
    public async Task A_code_and_its_verifier_buy_three_tokens_and_nothing_more()
    {
        var client = await realm.Client();
        var reply = await realm.Redeem(client, await realm.Code(client));
        Assert.Equal(200, reply.Status);
        Assert.Equal(["access_token", "expires_in", "id_token", "refresh_token", "token_type"], reply.Body.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("Bearer", 3600L), ((string?)reply.Body["token_type"], (long)reply.Body["expires_in"]!));
        Assert.Equal("application/json;charset=UTF-8", reply.Http.Content.Headers.ContentType?.ToString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Null(reply.Http.Headers.TransferEncodingChunked);
        Assert.True(reply.Http.Headers.CacheControl?.NoStore);
        Assert.Equal("*", reply.Http.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Matches("^[0-9a-f-]{36}$", reply.Http.Headers.GetValues("x-amz-cognito-request-id").Single());
    }

    [Fact]
    public async Task Without_openid_there_is_no_ID_token()
    {
        var client = await realm.Client();
        Assert.Null((await realm.SignIn(client, "aws.cognito.signin.user.admin api/read")).Id);
    }

    public static TheoryData<string, bool, string?, string?, string?> Pkce() => new()
    {
        // what                               confidential challenge of    verifier            error
        { "public, right verifier",           false,       Text(43),       Text(43),           null },
        { "public, 128 characters",           false,       Text(128),      Text(128),          null },
        { "public, 42 characters",            false,       Text(42),       Text(42),           "invalid_grant" },
        { "public, 129 characters",           false,       Text(129),      Text(129),          "invalid_grant" },
        { "public, a foreign character",      false,       Text(42) + "!", Text(42) + "!",     "invalid_grant" },
        { "public, wrong verifier",           false,       Text(43),       Text(42) + "b",     "invalid_grant" },
        { "public, challenge as verifier",    false,       Text(43),       Hash(Text(43)),     "invalid_grant" },
        { "public, verifier left out",        false,       Text(43),       null,               "invalid_grant" },
        { "confidential, neither",            true,        null,           null,               null },
        { "confidential, both",               true,        Text(43),       Text(43),           null },
        { "confidential, verifier left out",  true,        Text(43),       null,               "invalid_grant" },
        { "confidential, verifier alone",     true,        null,           Text(43),           "invalid_grant" },
    };

    [Theory, MemberData(nameof(Pkce))]
    public async Task A_challenge_binds_and_a_verifier_needs_one(string what, bool confidential, string? challengeOf, string? verifier, string? error)
    {
        var (client, secret) = confidential ? await realm.Confidential() : (await realm.Client(), null);
        var code = await realm.Code(client, ("code_challenge", challengeOf is null ? null : Hash(challengeOf)), ("code_challenge_method", challengeOf is null ? null : "S256"));
        var reply = await realm.Redeem(client, code, verifier, secret is null ? null : $"{client}:{secret}");
        Assert.Equal((what, error), (what, (string?)reply.Body["error"]));
        Assert.Equal(error is null ? 200 : 400, reply.Status);
    }

    [Fact]
    public async Task Whoever_fails_to_redeem_a_code_leaves_it_good_for_its_owner()
    {
        var (client, other) = (await realm.Client(), await realm.Client());
        var code = await realm.Code(client);
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, code, new string('x', 43))));
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(other, code)));
        Assert.Equal((400, "unauthorized_client"), Realm.Refusal(await realm.Redeem(client, code, redirect: Realm.Callback + "/")));
        Realm.Granted(await realm.Redeem(client, code));
    }

    [Fact]
    public async Task A_code_lives_for_five_minutes()
    {
        var client = await realm.Client();
        var (used, late) = (await realm.Code(client), await realm.Code(client));
        realm.Clock.Advance(TimeSpan.FromSeconds(299));
        Realm.Granted(await realm.Redeem(client, used));
        realm.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, late)));
    }

    [Fact]
    public async Task Of_eight_who_redeem_a_code_at_once_one_gets_tokens()
    {
        var client = await realm.Client();
        for (var round = 0; round < 5; round++)
        {
            var code = await realm.Code(client);
            var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => realm.Redeem(client, code)));
            Assert.Single(replies, reply => reply.Status == 200);
            Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((400, "invalid_grant"), Realm.Refusal(reply)));
        }
    }

    [Fact]
    public async Task A_replay_within_ten_seconds_is_a_lost_reply_and_later_it_is_theft()
    {
        var client = await realm.Client();
        var code = await realm.Code(client);
        var tokens = Realm.Granted(await realm.Redeem(client, code));
        realm.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, code)));
        Assert.Equal(200, (await realm.App.UserInfo(tokens.Access)).Status);

        realm.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, code)));
        Assert.Equal(401, (await realm.App.UserInfo(tokens.Access)).Status);
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.App.Refresh(client, tokens.Refresh)));
    }

    [Fact]
    public async Task A_replay_with_a_wrong_verifier_ends_nothing()
    {
        var client = await realm.Client();
        var code = await realm.Code(client);
        var tokens = Realm.Granted(await realm.Redeem(client, code));
        realm.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, code, new string('x', 43))));
        Assert.Equal(200, (await realm.App.UserInfo(tokens.Access)).Status);
    }

    [Fact]
    public async Task A_scope_whose_attributes_the_client_may_not_read_fails_the_exchange()
    {
        var client = await realm.Client("""{"ReadAttributes": ["email", "name"]}""");
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, await realm.Code(client, ("scope", "openid email")))));
        Realm.Granted(await realm.Redeem(client, await realm.Code(client, ("scope", "openid profile"))));
    }

    [Fact]
    public async Task A_disabled_user_redeems_no_code()
    {
        var client = await realm.Client();
        var code = await realm.Code(client);
        await realm.Admin.Call("AdminDisableUser", new() { ["UserPoolId"] = realm.Pool, ["Username"] = "ana" });
        Assert.Equal((400, "invalid_grant"), Realm.Refusal(await realm.Redeem(client, code)));
        await realm.Admin.Call("AdminEnableUser", new() { ["UserPoolId"] = realm.Pool, ["Username"] = "ana" });
    }

    static string Text(int length) => new('a', length);

    static string Hash(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
}
