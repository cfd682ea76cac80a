using System.Runtime.ExceptionServices;
using Poolhouse.Core;

namespace Poolhouse.Trials.Simulation;

/// <summary>A process of the world: what it had planned dies with it, and waits while it is held up.</summary>
sealed class Life
{
    public bool Ended { get; set; }

    /// <summary>Until when it gets no turn, in microseconds: a pause of the collector, a stopped process.</summary>
    public long HeldUntil { get; set; }
}

/// <summary>The time of the world and whoever's turn is next. One thread, one order: that of the seed.</summary>
sealed class Agenda(Chance chance)
{
    // Not from 0, which some take for "never".
    const long Start = 1_000_000_000;

    readonly PriorityQueue<(Life? Life, Action Turn), (long At, long Order)> turns = new();
    readonly int thread = Environment.CurrentManagedThreadId;
    long order;
    Exception? wrong;

    public Chance Chance { get; } = chance;

    /// <summary>Microseconds; never goes back.</summary>
    public long Now { get; private set; } = Start;

    public double Ms => Now / 1000.0;

    public long Steps { get; private set; }

    /// <summary>What happened, in one number.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    public void In(double ms, Action turn, Life? life = null) => turns.Enqueue((life, turn), (Now + (long)(ms * 1000), order++));

    /// <summary>After a time by chance.</summary>
    public void Soon(int most, Action turn, Life? life = null) => In(Chance.Between(0, most * 1000) / 1000.0, turn, life);

    /// <summary>Begins what goes on over several turns; what it throws ends the run.</summary>
    public async void Begin(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            wrong ??= e;
        }
    }

    public void Note(string what, long number = 0)
    {
        // Of several who wait for one task the runtime sends all but one to the thread pool, where no seed decides.
        if (Environment.CurrentManagedThreadId != thread) throw new InvalidOperationException("A turn has left the one thread.");
        foreach (var letter in what) Trace = (Trace ^ letter) * 1099511628211;
        Trace = (Trace ^ (ulong)number ^ (ulong)Now) * 1099511628211;
    }

    /// <summary>The next turn of whoever lives.</summary>
    public void Step()
    {
        while (true)
        {
            var (life, turn) = turns.TryDequeue(out var next, out var when) ? next : throw new InvalidOperationException("Nobody has anything to do.");
            if (life is { Ended: true }) continue;
            Now = Math.Max(Now, when.At);
            if (life is not null && life.HeldUntil > Now)
            {
                turns.Enqueue(next, (life.HeldUntil, order++));
                continue;
            }
            Steps++;
            turn();
            if (wrong is not null) ExceptionDispatchInfo.Throw(wrong);
            return;
        }
    }
}

/// <summary>The clock of one process: its wall clock may be wrong, its monotonic clock is the world's.</summary>
sealed class SimClock(Agenda agenda, Life life, long wrongMs) : TimeProvider
{
    static readonly DateTimeOffset Origin = DateTimeOffset.UnixEpoch.AddYears(56);

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => agenda.Now;

    public override DateTimeOffset GetUtcNow() => Origin.AddTicks(agenda.Now * TimeSpan.TicksPerMicrosecond).AddMilliseconds(wrongMs);

    /// <summary>The time that is true.</summary>
    public static long TrueMs(Agenda agenda) => new SimClock(agenda, new(), 0).UnixMs();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(agenda, life, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class SimTimer(Agenda agenda, Life life, Action ring) : ITimer
    {
        int set;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++set;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            agenda.In(dueTime.TotalMilliseconds, () => Ring(mine, period), life);
            return true;
        }

        void Ring(int mine, TimeSpan period)
        {
            if (mine != set) return;
            if (period > TimeSpan.Zero) agenda.In(period.TotalMilliseconds, () => Ring(mine, period), life);
            ring();
        }

        public void Dispose() => set++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
