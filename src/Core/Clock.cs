namespace Poolhouse.Core;

/// <summary>Time as it is stored: unix milliseconds.</summary>
public static class Clock
{
    /// <summary>Now in unix milliseconds.</summary>
    public static long UnixMs(this TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whole seconds of a stored time, as claims and cookies carry it.</summary>
    public static long Seconds(long unixMs) => unixMs / 1000;

    /// <summary>A duration in milliseconds, to add to a stored time.</summary>
    public static long Ms(this TimeSpan duration) => (long)duration.TotalMilliseconds;
}
