using Microsoft.Extensions.Time.Testing;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A machine's clocks: the monotonic one runs as the test moves it, and the one on the wall may be set to anything.</summary>
sealed class WallClock(FakeTimeProvider inner) : TimeProvider
{
    long stalled;

    /// <summary>How far the clock on the wall is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>For how long the machine stands still after each look at one of its clocks; timers do not notice.</summary>
    public TimeSpan Stall { get; set; }

    /// <summary>For how long it has stood still.</summary>
    public TimeSpan Stalled => new(Interlocked.Read(ref stalled));

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Ahead + StalledSoFar();

    public override long GetTimestamp() => inner.GetTimestamp() + (long)(StalledSoFar().TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);

    TimeSpan StalledSoFar()
    {
        var next = Stall.Ticks;
        return new(Interlocked.Add(ref stalled, next) - next);
    }
}
