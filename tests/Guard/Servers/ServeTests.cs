using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Servers;

/// <summary>A server as in production: the feed and introspection want the guard's machine client, and know what it may do.</summary>
public sealed class ServeTests(ServeTests.House house) : IClassFixture<ServeTests.House>
{
    /// <summary>One server for all tests of the class.</summary>
    public sealed class House : IAsyncLifetime
    {
        internal ServedPool Pool { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Pool = await ServedPool.Start();

        public ValueTask DisposeAsync() => Pool.DisposeAsync();
    }

    [Fact]
    public async Task The_feed_is_read_with_the_machines_token_which_is_renewed_before_it_ends()
    {
        using var counted = new Counting();
        await using var guard = await house.Pool.Begin(house.Pool.NewGuard(RevocationSource.Feed, backchannel: counted));
        await house.Pool.Pumped(() => guard.Status.Revocations == RevocationState.Fresh);
        Assert.Equal(1, counted.Count("/oauth2/token"));
        var until = house.Pool.Clock.GetUtcNow().AddMinutes(125);
        while (house.Pool.Clock.GetUtcNow() <= until)
        {
            // On a busy machine a token would end while it is on its way, and be fetched once more.
            await GuardPost.Until(() => counted.UnderWay == 0);
            await house.Pool.Pumped(() => counted.UnderWay > 0 || house.Pool.Clock.GetUtcNow() > until, 15_000);
        }
        await house.Pool.Pumped(() => guard.Status.Revocations == RevocationState.Fresh);
        Assert.InRange(counted.Count("/oauth2/token"), 3, 4);
        Assert.Equal(1, counted.Count("/snapshot"));
        await RevokedIsHeard(guard);
    }

    [Theory]
    [InlineData(ServedPool.Weak)]
    [InlineData("1nobody0000000000000000000")]
    public async Task Without_the_scope_or_the_client_the_feed_is_closed_and_calls_are_503(string client)
    {
        var log = new LogBook();
        await using var guard = await house.Pool.Begin(house.Pool.NewGuard(RevocationSource.Feed, client, log: log));
        Assert.Equal(RevocationState.Blind, guard.Status.Revocations);
        await house.Pool.Pumped(() => log.Count("5007") > 0);
        // Who may introspect is answered all the same.
        var (access, _) = await house.Pool.SignIn();
        Assert.Equal(client == ServedPool.Weak ? 200 : 503, (await guard.CheckAsync(access)).StatusCode);
    }

    [Fact]
    public async Task Introspection_as_the_source_sees_the_whole_pool_and_its_ends()
    {
        await using var guard = await house.Pool.Begin(house.Pool.NewGuard(RevocationSource.Introspection));
        var (ana, other) = (await house.Pool.SignIn(), await house.Pool.SignIn());
        Assert.Equal((200, 200), ((await guard.CheckAsync(ana.Access)).StatusCode, (await guard.CheckAsync(other.Access)).StatusCode));
        await house.Pool.Revoke(ana.Refresh);
        Assert.Equal(401, (await guard.CheckAsync(ana.Access, new() { Critical = true })).StatusCode);
        Assert.Equal(401, (await guard.CheckAsync(ana.Access)).StatusCode);
        await house.Pool.SignOut();
        house.Pool.Clock.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Equal((401, GuardRefusal.Revoked), await guard.CheckAsync(other.Access) is var result ? (result.StatusCode, result.Refusal) : default);
    }

    [Fact]
    public async Task A_server_whose_clock_is_set_back_is_heard_before_it_has_caught_up()
    {
        await using var guard = await house.Pool.Begin(house.Pool.NewGuard(RevocationSource.Feed, time: TimeProvider.System));
        await house.Pool.Pumped(() => Follows(guard), 20);
        // Somebody goes on reading while the guard comes anew, or the server would begin anew, too.
        using var reader = await house.Pool.Read();
        var back = house.Pool.Clock.GetUtcNow().AddSeconds(-600);
        house.Pool.Clock.AdjustTime(back);
        await house.Pool.Pumped(() => Follows(guard), 20);
        Assert.InRange((house.Pool.Clock.GetUtcNow() - back).TotalSeconds, 0, 500);
        await RevokedIsHeard(guard);
    }

    // Within five seconds: the server's clock runs a little faster here than the guard's.
    bool Follows(CognitoGuard guard) =>
        guard.Status.Revocations == RevocationState.Fresh && Math.Abs(guard.Now - house.Pool.Clock.GetUtcNow().ToUnixTimeMilliseconds()) < 5000;

    async Task RevokedIsHeard(CognitoGuard guard)
    {
        var (access, refresh) = await house.Pool.SignIn();
        Assert.Equal(200, (await guard.CheckAsync(access)).StatusCode);
        await house.Pool.Revoke(refresh);
        await GuardPost.Until(() => guard.CheckAsync(access).AsTask().Result.Refusal == GuardRefusal.Revoked);
    }

    /// <summary>Counts what goes out.</summary>
    sealed class Counting() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        readonly System.Collections.Concurrent.ConcurrentQueue<string> requests = new();
        int underWay;

        public int UnderWay => Volatile.Read(ref underWay);

        public int Count(string part) => requests.Count(one => one.Contains(part, StringComparison.Ordinal));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Enqueue(request.RequestUri!.AbsolutePath);
            Interlocked.Increment(ref underWay);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref underWay);
            }
        }
    }
}
