using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Feed;

/// <summary>Fresh, stale, blind: what a guard that has lost the feed still lets through, and for how long (design.md §4, security.md F7).</summary>
public sealed class StateTests
{
    static readonly GuardDemand Critical = new() { Critical = true };

    [Fact]
    public async Task A_revoked_session_is_refused_though_its_token_was_remembered()
    {
        await using var post = await GuardPost.Start();
        var session = TokenForge.NewSession();
        var (token, other) = (post.Forge.Access(session), post.Forge.Access());
        Assert.True((await post.Check(token)).Accepted);
        await post.Revoke(session);
        Assert.Equal((GuardRefusal.Revoked, 401), await post.Check(token) is var result ? (result.Refusal, result.StatusCode) : default);
        Assert.Equal(GuardRefusal.Revoked, await post.Refusal(post.Forge.Access(session)));
        Assert.True((await post.Check(other)).Accepted);
    }

    [Fact]
    public async Task A_session_is_known_by_origin_jti_or_else_by_event_id()
    {
        await using var post = await GuardPost.Start();
        var (origin, happened) = (TokenForge.NewSession(), TokenForge.NewSession());
        var (both, plain) = (post.Forge.Access(origin, ("event_id", happened)), post.Forge.Access(happened, ("origin_jti", null)));
        await post.Revoke(happened);
        Assert.Equal((GuardRefusal.None, GuardRefusal.Revoked), (await post.Refusal(both), await post.Refusal(plain)));
        await post.Revoke(origin);
        Assert.Equal(GuardRefusal.Revoked, await post.Refusal(both));
    }

    [Fact]
    public async Task A_deleted_client_ends_its_users_and_its_machines_and_a_deleted_pool_ends_all()
    {
        await using var post = await GuardPost.Start();
        var (user, machine) = (post.Forge.Access(), post.Forge.Machine());
        post.Feed.Revoke(TokenForge.Worker, "client");
        await GuardPost.Until(() => post.Status.Entries == 1);
        Assert.Equal((GuardRefusal.None, GuardRefusal.Revoked), (await post.Refusal(user), await post.Refusal(machine)));
        post.Feed.Revoke("us-east-1_Fake00001", "pool");
        await GuardPost.Until(() => post.Status.Entries == 2);
        Assert.Equal(GuardRefusal.Revoked, await post.Refusal(user));
    }

    [Fact]
    public async Task It_is_fresh_for_three_seconds_stale_for_a_minute_and_then_blind()
    {
        await using var post = await Away();
        var token = post.Forge.Access();
        (double Seconds, RevocationState State, GuardRefusal Refusal)[] steps =
        [
            (0, RevocationState.Fresh, GuardRefusal.None), (3, RevocationState.Fresh, GuardRefusal.None), (0.001, RevocationState.Stale, GuardRefusal.None),
            (56.999, RevocationState.Stale, GuardRefusal.None), (0.001, RevocationState.Blind, GuardRefusal.RevocationUnknown),
        ];
        foreach (var (seconds, state, refusal) in steps)
        {
            post.Pass(seconds);
            var result = await post.Check(token);
            Assert.Equal((state, refusal), (result.State, result.Refusal));
            Assert.Equal(refusal == GuardRefusal.None ? 200 : 503, result.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_known_to_be_revoked_stays_refused_with_401_when_the_guard_is_blind()
    {
        await using var post = await GuardPost.Start();
        var session = TokenForge.NewSession();
        await post.Revoke(session);
        Leave(post);
        post.Pass(600);
        Assert.Equal((RevocationState.Blind, 401), await post.Check(post.Forge.Access(session)) is var result ? (result.State, result.StatusCode) : default);
        Assert.Equal(503, (await post.Check(post.Forge.Access())).StatusCode);
    }

    [Fact]
    public async Task A_critical_route_has_a_bound_of_its_own()
    {
        await using var post = await Away();
        var token = post.Forge.Access();
        Assert.True((await post.Check(token, Critical)).Accepted);
        post.Pass(4);
        Assert.Equal((RevocationState.Stale, true), await post.Check(token, Critical) is var result ? (result.State, result.Accepted) : default);
        post.Pass(1.001);
        Assert.Equal((503, 200), ((await post.Check(token, Critical)).StatusCode, (await post.Check(token)).StatusCode));
    }

    [Fact]
    public async Task A_route_may_shorten_or_lengthen_its_bound()
    {
        await using var post = await Away();
        var token = post.Forge.Access();
        var (brief, patient) = (new GuardDemand { StaleFor = TimeSpan.FromSeconds(1) }, new GuardDemand { StaleFor = TimeSpan.FromMinutes(10) });
        post.Pass(1.001);
        Assert.Equal((503, 200, 200), ((await post.Check(token, brief)).StatusCode, (await post.Check(token)).StatusCode, (await post.Check(token, patient)).StatusCode));
        post.Pass(120);
        Assert.Equal((503, 503, 200), ((await post.Check(token, brief)).StatusCode, (await post.Check(token)).StatusCode, (await post.Check(token, patient)).StatusCode));
    }

    [Fact]
    public async Task A_route_that_must_stay_up_passes_blind_and_each_use_is_logged()
    {
        await using var post = await Away();
        var session = TokenForge.NewSession();
        var token = post.Forge.Access(session);
        var demand = new GuardDemand { PassWhenBlind = "emergency calls" };
        Assert.True((await post.Check(token, demand)).Accepted);
        Assert.Equal(0, post.Log.Count("emergency calls"));
        post.Pass(61);
        for (var use = 1; use <= 3; use++)
        {
            Assert.Equal((RevocationState.Blind, true), await post.Check(token, demand) is var result ? (result.State, result.Accepted) : default);
            Assert.Equal(use, post.Log.Count($"session {session} was revoked, because of: emergency calls"));
        }
        Assert.Equal(403, (await post.Check(token, demand with { Scopes = ["api/write"] })).StatusCode);
    }

    [Fact]
    public async Task Each_change_of_the_state_is_logged_once_whatever_bounds_routes_have()
    {
        await using var post = await Away();
        var token = post.Forge.Access();
        foreach (var seconds in (double[])[4, 2, 60])
        {
            post.Pass(seconds);
            for (var at = 0; at < 5; at++)
            {
                await post.Check(token);
                await post.Check(token, Critical);
            }
        }
        Assert.Equal((1, 1, 2), (post.Log.Count("now Stale"), post.Log.Count("now Blind"), post.Log.Count("Revocations are now")));
    }

    [Fact]
    public async Task The_state_is_the_guards_to_show()
    {
        await using var post = await Away();
        Assert.Equal((true, RevocationState.Fresh, 0), (post.Status.HasKeys, post.Status.Revocations, post.Status.Entries));
        post.Pass(10);
        Assert.Equal((RevocationState.Stale, 10), (post.Status.Revocations, post.Status.Lag!.Value.TotalSeconds));
    }

    [Fact]
    public async Task Machine_tokens_for_the_feed_are_renewed_before_they_end_and_when_they_are_refused()
    {
        await using var post = await GuardPost.Start(given => (given.GuardClientId, given.GuardClientSecret) = ("guard", "s3cret"), issuer => (issuer.WantsToken, issuer.TokenLifetime) = (true, 600));
        Assert.Equal(1, post.Issuer.Count("POST /token"));
        post.Feed.Cut();
        await post.Pumped(() => post.Feed.Streams == 2);
        Assert.Equal(1, post.Issuer.Count("POST /token"));
        post.Pass(541);
        post.Feed.Cut();
        await post.Pumped(() => post.Feed.Streams == 3);
        Assert.Equal(2, post.Issuer.Count("POST /token"));
    }

    // Fresh a moment ago, and now nobody can be reached.
    static async Task<GuardPost> Away()
    {
        var post = await GuardPost.Start(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        Leave(post);
        return post;
    }

    static void Leave(GuardPost post)
    {
        post.Issuer.Away = true;
        post.Feed.Cut();
    }
}
