using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class RotationTests(Realm realm) : IClassFixture<Realm>
{
    const string Rotating = """{"RefreshTokenRotation": {"Feature": "ENABLED"}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""";
    static readonly (int, string?) InvalidGrant = (400, "invalid_grant");

    [Fact]
    public async Task Without_rotation_one_refresh_token_serves_to_the_end_and_none_comes_back()
    {
        var client = await realm.Client("""{"RefreshTokenValidity": 2, "TokenValidityUnits": {"RefreshToken": "hours"}}""");
        var session = await realm.SignIn(client);
        foreach (var minutes in (int[])[0, 60, 59])
        {
            realm.Clock.Advance(TimeSpan.FromMinutes(minutes));
            var reply = await realm.App.Refresh(client, session.Refresh);
            Assert.Equal(["access_token", "expires_in", "id_token", "token_type"], reply.Body.Select(member => member.Key).Order(StringComparer.Ordinal));
            Assert.Equal(200, (await realm.App.UserInfo((string)reply.Body["access_token"]!)).Status);
        }
        realm.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, session.Refresh)));
    }

    [Fact]
    public async Task A_rotated_out_token_yields_the_same_successor_within_its_grace()
    {
        var (client, first) = await Start();
        var second = Realm.Granted(await realm.App.Refresh(client, first));
        Assert.NotEqual(first, second.Refresh);
        realm.Clock.Advance(TimeSpan.FromMilliseconds(9999));
        for (var again = 0; again < 3; again++) Assert.Equal(second.Refresh, Realm.Granted(await realm.App.Refresh(client, first)).Refresh);
        var third = Realm.Granted(await realm.App.Refresh(client, second.Refresh));
        Assert.Equal(200, (await realm.App.UserInfo(third.Access)).Status);
    }

    [Fact]
    public async Task After_its_grace_a_rotated_out_token_ends_the_whole_family()
    {
        var (client, first) = await Start();
        var second = Realm.Granted(await realm.App.Refresh(client, first));
        realm.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, first)));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, second.Refresh)));
        Assert.Equal(401, (await realm.App.UserInfo(second.Access)).Status);
        Assert.Contains(realm.Server.Log, line => line.Contains("reason RefreshTokenReused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_grace_covers_the_direct_predecessor_only()
    {
        var (client, first) = await Start();
        var second = Realm.Granted(await realm.App.Refresh(client, first));
        var third = Realm.Granted(await realm.App.Refresh(client, second.Refresh));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, first)));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, third.Refresh)));
    }

    [Fact]
    public async Task A_grace_of_zero_is_obeyed()
    {
        var (client, first) = await Start("""{"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""");
        var second = Realm.Granted(await realm.App.Refresh(client, first));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, first)));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, second.Refresh)));
    }

    [Fact]
    public async Task Twenty_tabs_that_refresh_at_once_get_one_successor()
    {
        var (client, token) = await Start();
        for (var round = 0; round < 5; round++)
        {
            var current = token;
            var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => realm.App.Refresh(client, current)));
            token = Assert.Single(replies.Select(reply => Realm.Granted(reply).Refresh).Distinct());
            Assert.NotEqual(current, token);
        }
    }

    [Fact]
    public async Task Rotation_never_moves_the_end()
    {
        var (client, token) = await Start("""
            {"RefreshTokenRotation": {"Feature": "ENABLED"}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "RefreshTokenValidity": 1, "TokenValidityUnits": {"RefreshToken": "hours"}}
            """);
        realm.Clock.Advance(TimeSpan.FromMinutes(59));
        token = Realm.Granted(await realm.App.Refresh(client, token)).Refresh;
        realm.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, token)));
    }

    [Fact]
    public async Task Another_clients_token_is_refused_and_its_family_lives()
    {
        var (client, token) = await Start();
        var other = await realm.Client(Rotating);
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(other, token)));
        Realm.Granted(await realm.App.Refresh(client, token));
    }

    [Fact]
    public async Task A_forged_token_ends_nothing()
    {
        var (client, token) = await Start();
        var second = Realm.Granted(await realm.App.Refresh(client, token));
        realm.Clock.Advance(TimeSpan.FromMinutes(1));
        // The spent generation with a broken MAC: were the MAC not looked at first, this would be reuse.
        var forged = token[..40] + (token[40] == 'A' ? 'B' : 'A') + token[41..];
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, forged)));
        Assert.Equal(200, (await realm.App.Post("/oauth2/revoke", [("client_id", client), ("token", forged)])).Status);
        Realm.Granted(await realm.App.Refresh(client, second.Refresh));
    }

    [Fact]
    public async Task When_rotation_is_switched_off_the_live_token_and_its_predecessor_still_work_and_older_ones_do_not()
    {
        var (client, first) = await Start();
        var second = Realm.Granted(await realm.App.Refresh(client, first)).Refresh;
        var third = Realm.Granted(await realm.App.Refresh(client, second)).Refresh;
        await realm.Change(client, "{}");

        Assert.Null((await realm.App.Refresh(client, third)).Body["refresh_token"]);
        // Whoever missed the last reply learns the token that lives, or would be signed out when the grace ends.
        Assert.Equal(third, Realm.Granted(await realm.App.Refresh(client, second)).Refresh);
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, first)));
        realm.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(InvalidGrant, Realm.Refusal(await realm.App.Refresh(client, second)));
        Assert.Equal(200, (await realm.App.Refresh(client, third)).Status);
    }

    [Fact]
    public async Task When_rotation_is_switched_on_the_next_refresh_rotates()
    {
        var client = await realm.Client();
        var session = await realm.SignIn(client);
        await realm.Change(client, Rotating);
        var rotated = Realm.Granted(await realm.App.Refresh(client, session.Refresh));
        Assert.NotEqual(session.Refresh, rotated.Refresh);
    }

    [Fact]
    public async Task Scope_and_redirect_uri_on_a_refresh_are_ignored()
    {
        var client = await realm.Client();
        var session = await realm.SignIn(client, "openid api/read");
        var reply = await realm.App.Post("/oauth2/token", [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", session.Refresh),
            ("scope", "openid+api/read+api/write"), ("redirect_uri", "http://elsewhere.example")]);
        Assert.Equal("openid api/read", (string?)(await Claims.Verified(realm, Realm.Granted(reply).Access))["scope"]);
    }

    [Fact]
    public async Task Lifetimes_are_those_of_the_client_in_its_units()
    {
        var client = await realm.Client("""
            {"AccessTokenValidity": 10, "IdTokenValidity": 7200, "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "seconds"}}
            """);
        var reply = await realm.Redeem(client, await realm.Code(client));
        Assert.Equal(600, (long)reply.Body["expires_in"]!);
        var (id, access) = (await Claims.Verified(realm, (string)reply.Body["id_token"]!), await Claims.Verified(realm, (string)reply.Body["access_token"]!));
        Assert.Equal((600L, 7200L), ((long)access["exp"]! - (long)access["iat"]!, (long)id["exp"]! - (long)id["iat"]!));
        realm.Clock.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(401, (await realm.App.UserInfo((string)reply.Body["access_token"]!)).Status);
    }

    async Task<(string Client, string Token)> Start(string settings = Rotating)
    {
        var client = await realm.Client(settings);
        return (client, (await realm.SignIn(client)).Refresh);
    }
}
