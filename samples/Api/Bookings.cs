using System.Collections.Concurrent;
using System.Globalization;

namespace Poolhouse.Samples.Api;

/// <summary>One lane for one hour.</summary>
readonly record struct Slot(DateOnly Day, int Lane, int Hour);

/// <summary>One hour of a lane as the caller sees it: free, yours, taken or closed.</summary>
sealed record HourView(int Hour, string State, string? By = null);

/// <summary>One lane on one day.</summary>
sealed record LaneView(int Lane, bool Closed, IReadOnlyList<HourView> Hours);

/// <summary>One day, and the days that can be chosen.</summary>
sealed record DayView(string Day, IReadOnlyList<string> Days, IReadOnlyList<LaneView> Lanes);

/// <summary>Who has which lane when. It is in memory: what this sample shows is how callers are known, not how bookings are stored.</summary>
sealed class Bookings(TimeProvider time)
{
    const int LaneCount = 5, Opens = 8, Closes = 20, DaysAhead = 3;

    // Hours that are given away each day.
    static readonly (int Lane, int From, int To, string Who)[] Standing = [(1, 17, 20, "Club"), (2, 17, 19, "Club"), (5, 8, 10, "School")];

    readonly ConcurrentDictionary<Slot, string> taken = new();
    readonly ConcurrentDictionary<int, bool> closed = new();

    /// <summary>The slot of these words, or null if there is no such lane, day or hour.</summary>
    public Slot? Find(int lane, string day, int hour) =>
        IsLane(lane) && hour is >= Opens and < Closes && Days().FirstOrDefault(one => Text(one) == day) is var found && found != default ? new Slot(found, lane, hour) : null;

    /// <summary>The first who asks gets it.</summary>
    public bool Book(Slot slot, string user) => !closed.ContainsKey(slot.Lane) && Regular(slot) is null && taken.TryAdd(slot, user);

    /// <summary>Only who has it can give it back.</summary>
    public bool Release(Slot slot, string user) => taken.TryRemove(new(slot, user));

    public bool Close(int lane) => IsLane(lane) && (closed[lane] = true);

    public bool Open(int lane)
    {
        closed.TryRemove(lane, out _);
        return IsLane(lane);
    }

    /// <param name="day">One of the days that can be booked; the first of them for anything else.</param>
    /// <param name="user">Whose bookings are "yours"; nobody learns whose the others are.</param>
    public DayView View(string? day, string user)
    {
        var days = Days();
        var shown = days.FirstOrDefault(one => Text(one) == day, days[0]);
        return new(Text(shown), [.. days.Select(Text)], [.. Enumerable.Range(1, LaneCount).Select(lane =>
            new LaneView(lane, closed.ContainsKey(lane), [.. Enumerable.Range(Opens, Closes - Opens).Select(hour => View(new Slot(shown, lane, hour), user))]))]);
    }

    HourView View(Slot slot, string user) =>
        taken.TryGetValue(slot, out var owner) ? new(slot.Hour, owner == user ? "yours" : "taken")
        : Regular(slot) is { } who ? new(slot.Hour, "taken", who)
        : new(slot.Hour, closed.ContainsKey(slot.Lane) ? "closed" : "free");

    // Today has begun: the next days can be booked.
    List<DateOnly> Days()
    {
        var today = DateOnly.FromDateTime(time.GetLocalNow().DateTime);
        return [.. Enumerable.Range(1, DaysAhead).Select(today.AddDays)];
    }

    static string? Regular(Slot slot) => Standing.FirstOrDefault(one => one.Lane == slot.Lane && slot.Hour >= one.From && slot.Hour < one.To).Who;

    static bool IsLane(int lane) => lane is >= 1 and <= LaneCount;

    static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
