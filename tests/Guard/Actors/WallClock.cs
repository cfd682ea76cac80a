using Microsoft.Extensions.Time.Testing;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A machine's clocks: the monotonic one runs as the test moves it, and the one on the wall may be set to anything.</summary>
sealed class WallClock(FakeTimeProvider inner) : TimeProvider
{
    /// <summary>How far the clock on the wall is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>How much further it is ahead after each look at the clock that only counts: the machine stalls there.</summary>
    public TimeSpan Stall { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Ahead;

    public override long GetTimestamp()
    {
        Ahead += Stall;
        return inner.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}
