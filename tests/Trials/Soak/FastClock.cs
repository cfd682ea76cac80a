namespace Poolhouse.Trials.Soak;

/// <summary>A clock that runs so many times as fast as the machine's; its timers come so much sooner.</summary>
sealed class FastClock(double speed) : TimeProvider
{
    readonly Lock access = new();
    readonly long began = System.GetTimestamp();
    readonly DateTimeOffset origin = System.GetUtcNow();
    double speed = speed;
    // What has passed before the last change of speed, and when that was, in ticks of the machine.
    double before;
    long changedAt;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp()
    {
        lock (access) return (long)(before + (System.GetTimestamp() - began - changedAt) * speed);
    }

    public override DateTimeOffset GetUtcNow() => origin + TimeSpan.FromSeconds((double)GetTimestamp() / TimestampFrequency);

    /// <summary>Goes on at another speed. Timers that run already keep their pace.</summary>
    public void Run(double faster)
    {
        var now = GetTimestamp();
        lock (access) (before, changedAt, speed) = (now, System.GetTimestamp() - began, faster);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(System.CreateTimer(callback, state, Sooner(dueTime), Sooner(period)), Sooner);

    TimeSpan Sooner(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Max(1, time.TotalMilliseconds / speed));

    sealed class FastTimer(ITimer timer, Func<TimeSpan, TimeSpan> sooner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(sooner(dueTime), sooner(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
