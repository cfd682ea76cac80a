using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Feed;

/// <summary>Asking the issuer (RFC 7662): when the feed does not know, or as the source of its own. No answer is a 503 and never a 401.</summary>
public sealed class IntrospectionTests
{
    static readonly GuardDemand Critical = new() { Critical = true };

    [Theory]
    [InlineData(true, GuardRefusal.None, 200)]
    [InlineData(false, GuardRefusal.Revoked, 401)]
    [InlineData(null, GuardRefusal.RevocationUnknown, 503)]
    public async Task A_blind_guard_asks_and_takes_the_answer(bool? answer, GuardRefusal refusal, int status)
    {
        await using var post = await Lost(answer, 61);
        var result = await post.Check(post.Forge.Access());
        Assert.Equal((refusal, status), (result.Refusal, result.StatusCode));
        Assert.Equal(1, post.Issuer.Count("introspect"));
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 401)]
    [InlineData(null, 200)]
    public async Task A_stale_guard_asks_for_critical_calls_alone(bool? answer, int status)
    {
        await using var post = await Lost(answer, 4);
        var token = post.Forge.Access();
        Assert.Equal(200, (await post.Check(token)).StatusCode);
        Assert.Equal(0, post.Issuer.Count("introspect"));
        Assert.Equal(status, (await post.Check(token, Critical)).StatusCode);
        Assert.Equal(1, post.Issuer.Count("introspect"));
    }

    [Fact]
    public async Task A_fresh_guard_asks_nobody()
    {
        await using var post = await Lost(false, 0);
        Assert.Equal((200, 200), ((await post.Check(post.Forge.Access())).StatusCode, (await post.Check(post.Forge.Access(), Critical)).StatusCode));
        Assert.Equal(0, post.Issuer.Count("introspect"));
    }

    [Fact]
    public async Task What_the_issuer_has_called_dead_does_not_come_back_when_it_falls_silent()
    {
        await using var post = await Lost(false, 4);
        var token = post.Forge.Access();
        Assert.Equal(401, (await post.Check(token, Critical)).StatusCode);
        post.Issuer.Introspected = _ => null;
        Assert.Equal((401, 401), ((await post.Check(token)).StatusCode, (await post.Check(token, Critical)).StatusCode));
        post.Pass(120);
        Assert.Equal(401, (await post.Check(token)).StatusCode);
    }

    [Fact]
    public async Task An_issuer_in_trouble_is_asked_by_few_and_then_by_one_in_two_seconds()
    {
        await using var post = await Lost(null, 61);
        var token = post.Forge.Access();
        for (var at = 0; at < 200; at++) Assert.Equal(503, (await post.Check(token)).StatusCode);
        Assert.Equal(5, post.Issuer.Count("introspect"));
        for (var round = 1; round <= 3; round++)
        {
            post.Pass(2);
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => post.Check(token)))), result => Assert.Equal(503, result.StatusCode));
            Assert.Equal(5 + round, post.Issuer.Count("introspect"));
        }
        post.Pass(2);
        post.Issuer.Introspected = _ => true;
        Assert.Equal((200, 200), ((await post.Check(token)).StatusCode, (await post.Check(token)).StatusCode));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_within_two_seconds_is_none()
    {
        await using var post = await Lost(true, 61);
        post.Issuer.BeforeIntrospection = cancel => Task.Delay(Timeout.Infinite, cancel);
        var check = post.Check(post.Forge.Access());
        await post.Pumped(() => check.IsCompleted, 100);
        Assert.Equal(503, (await check).StatusCode);
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_no_failure_of_the_issuers()
    {
        await using var post = await Lost(true, 61);
        var token = post.Forge.Access();
        await post.Check(token);
        post.Issuer.BeforeIntrospection = cancel => Task.Delay(Timeout.Infinite, cancel);
        for (var at = 0; at < 10; at++)
        {
            using var impatient = new CancellationTokenSource(1);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await post.Guard.CheckAsync(token, null, impatient.Token));
        }
        post.Issuer.BeforeIntrospection = _ => Task.CompletedTask;
        Assert.Equal(200, (await post.Check(token)).StatusCode);
    }

    [Fact]
    public async Task As_the_source_its_answers_are_kept_for_ten_seconds()
    {
        await using var post = await Source();
        var token = post.Forge.Access();
        for (var at = 0; at < 20; at++) Assert.Equal(200, (await post.Check(token)).StatusCode);
        post.Pass(10);
        Assert.Equal(200, (await post.Check(token)).StatusCode);
        Assert.Equal(1, post.Issuer.Count("introspect"));
        post.Pass(0.001);
        post.Issuer.Introspected = _ => false;
        Assert.Equal(401, (await post.Check(token)).StatusCode);
        Assert.Equal(2, post.Issuer.Count("introspect"));
    }

    [Fact]
    public async Task As_the_source_it_is_missed_for_a_minute_and_what_was_refused_stays_refused()
    {
        await using var post = await Source();
        var (lives, ended) = (post.Forge.Access(), post.Forge.Access());
        Assert.Equal((200, 200), ((await post.Check(lives)).StatusCode, (await post.Check(ended)).StatusCode));
        post.Pass(11);
        post.Issuer.Introspected = token => token == lives;
        Assert.Equal((200, 401), ((await post.Check(lives)).StatusCode, (await post.Check(ended)).StatusCode));
        post.Issuer.Introspected = _ => null;
        post.Pass(59);
        Assert.Equal((200, 401), ((await post.Check(lives)).StatusCode, (await post.Check(ended)).StatusCode));
        Assert.Equal(503, (await post.Check(post.Forge.Access())).StatusCode);
        post.Pass(2);
        Assert.Equal((503, 401), ((await post.Check(lives)).StatusCode, (await post.Check(ended)).StatusCode));
    }

    [Fact]
    public async Task An_answer_is_as_old_as_its_question()
    {
        await using var post = await Source();
        var token = post.Forge.Access();
        post.Issuer.BeforeIntrospection = _ => { post.Pass(1); return Task.CompletedTask; };
        await post.Check(token);
        Assert.InRange((await post.Check(token)).Lag!.Value.TotalSeconds, 1, 1.1);
    }

    [Fact]
    public async Task As_the_source_it_is_asked_for_every_critical_call()
    {
        await using var post = await Source();
        var token = post.Forge.Access();
        for (var at = 0; at < 3; at++) Assert.Equal(200, (await post.Check(token, Critical)).StatusCode);
        Assert.Equal(3, post.Issuer.Count("introspect"));
    }

    // The feed was lost so many seconds ago; the issuer can still be asked.
    static async Task<GuardPost> Lost(bool? answer, double seconds)
    {
        var post = await GuardPost.Start(given => (given.GuardClientId, given.GuardClientSecret, given.KeysRefreshedEvery) = ("guard", "s3cret", TimeSpan.FromHours(1)),
            issuer => issuer.Introspected = _ => answer);
        post.Feed.InsteadOfStream = _ => new(System.Net.HttpStatusCode.ServiceUnavailable);
        post.Feed.Cut();
        post.Pass(seconds);
        return post;
    }

    static Task<GuardPost> Source() => GuardPost.Start(given =>
        (given.Revocations, given.GuardClientId, given.GuardClientSecret, given.KeysRefreshedEvery) = (RevocationSource.Introspection, "guard", "s3cret", TimeSpan.FromHours(1)));
}
