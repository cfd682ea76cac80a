namespace Poolhouse.Core.Clients;

/// <summary>The bounds of token lifetimes; dev can lift the lower ones, so that an expiry can be watched.</summary>
/// <param name="Lifted">Whether the lower bounds are lifted.</param>
public sealed record LifetimeBounds(bool Lifted = false)
{
    public TimeSpan AccessMin => Lifted ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(5);

    public static TimeSpan AccessMax => TimeSpan.FromDays(1);

    public TimeSpan RefreshMin => Lifted ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(60);

    public static TimeSpan RefreshMax => TimeSpan.FromDays(3650);
}

/// <summary>Lifetimes as the API gives them: a number and a unit.</summary>
public static class Lifetimes
{
    /// <summary>The duration of a number of units.</summary>
    public static TimeSpan Of(int number, string? unit, string unsetUnit) => (unit ?? unsetUnit) switch
    {
        "seconds" => TimeSpan.FromSeconds(number),
        "minutes" => TimeSpan.FromMinutes(number),
        "hours" => TimeSpan.FromHours(number),
        _ => TimeSpan.FromDays(number),
    };
}
