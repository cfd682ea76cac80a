using System.Globalization;
using Microsoft.Extensions.Time.Testing;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A guard at its post: before an issuer and under a clock that are the test's.</summary>
sealed class GuardPost : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    GuardPost(FakeTimeProvider clock, FakeIssuer issuer, CognitoGuardOptions options, LogBook log, Action<WallClock>? wall)
    {
        (Clock, Issuer, Log, Wall) = (clock, issuer, log, new(clock));
        wall?.Invoke(Wall);
        Guard = new(options, log, Wall);
    }

    /// <summary>The clock of the issuer, and by which all time passes.</summary>
    public FakeTimeProvider Clock { get; }

    /// <summary>The clock of the guard's machine.</summary>
    public WallClock Wall { get; }

    public FakeIssuer Issuer { get; }

    public FakeFeed Feed => Issuer.Feed;

    public CognitoGuard Guard { get; }

    public LogBook Log { get; }

    public TokenForge Forge => Issuer.Forge;

    public GuardStatus Status => Guard.Status;

    public static FakeTimeProvider NewClock() => new(DateTimeOffset.Parse("2026-11-23T12:00:00Z", CultureInfo.InvariantCulture));

    /// <summary>Starts a guard that follows the feed.</summary>
    public static Task<GuardPost> Start(Action<CognitoGuardOptions>? options = null, Action<FakeIssuer>? issuer = null)
    {
        var clock = NewClock();
        return Start(clock, new FakeIssuer(clock), options, issuer);
    }

    /// <summary>Starts a guard that looks at nothing but the token.</summary>
    public static Task<GuardPost> StartPlain(Action<CognitoGuardOptions>? options = null, Action<FakeIssuer>? issuer = null) => Start(given =>
    {
        given.Revocations = RevocationSource.None;
        options?.Invoke(given);
    }, issuer);

    public static async Task<GuardPost> Start(
        FakeTimeProvider clock, FakeIssuer made, Action<CognitoGuardOptions>? options = null, Action<FakeIssuer>? issuer = null, Action<WallClock>? wall = null)
    {
        issuer?.Invoke(made);
        var given = new CognitoGuardOptions { Issuer = FakeIssuer.Pool, ClientIds = [TokenForge.Web, TokenForge.Worker], Backchannel = made };
        options?.Invoke(given);
        var post = new GuardPost(clock, made, given, new LogBook(), wall);
        var started = post.Guard.StartAsync();
        await post.Pumped(() => started.IsCompleted);
        await started;
        if (post.Status.Revocations == RevocationState.Fresh) await post.Beat();
        return post;
    }

    public async Task<GuardResult> Check(string? token, GuardDemand? demand = null) => await Guard.CheckAsync(token, demand);

    /// <summary>Why a token is refused.</summary>
    public async Task<GuardRefusal> Refusal(string? token, GuardDemand? demand = null) => (await Check(token, demand)).Refusal;

    /// <summary>Time passes, and nothing is heard in it.</summary>
    public void Pass(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>A heartbeat comes, and is heard.</summary>
    public async Task Beat()
    {
        var before = Status.Lag;
        Feed.Beat();
        await Until(() => Status.Lag < before || Status.Lag == TimeSpan.Zero);
    }

    /// <summary>A session is revoked, and the guard hears of it.</summary>
    public async Task Revoke(string session)
    {
        var before = Status.Entries;
        Feed.Revoke(session);
        await Until(() => Status.Entries > before);
    }

    /// <summary>Waits for something while the guard's clock stands still.</summary>
    public static Task Until(Func<bool> condition) => Wait(condition, () => { });

    /// <summary>Waits for something while the guard's clock runs.</summary>
    public Task Pumped(Func<bool> condition, int milliseconds = 20) => Wait(condition, () => Clock.Advance(TimeSpan.FromMilliseconds(milliseconds)));

    public async ValueTask DisposeAsync()
    {
        var gone = Guard.DisposeAsync().AsTask();
        await Pumped(() => gone.IsCompleted);
        await gone;
        Issuer.Dispose();
    }

    static async Task Wait(Func<bool> condition, Action turn)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience) throw new TimeoutException("What the test waits for has not come.");
            turn();
            await Task.Delay(1);
        }
    }
}
