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

/// <summary>Lifetimes as the API gives them: a number and a unit, each with its default.</summary>
public static class Lifetimes
{
    /// <summary>60 minutes when unset, whatever the unit.</summary>
    public static TimeSpan AccessTokenLifetime(this ClientSettings settings) =>
        settings.AccessTokenValidity is { } number ? Of(number, settings.TokenValidityUnits?.AccessToken ?? "hours") : TimeSpan.FromHours(1);

    /// <summary>60 minutes when unset, whatever the unit.</summary>
    public static TimeSpan IdTokenLifetime(this ClientSettings settings) =>
        settings.IdTokenValidity is { } number ? Of(number, settings.TokenValidityUnits?.IdToken ?? "hours") : TimeSpan.FromHours(1);

    /// <summary>30 days when unset or 0, whatever the unit.</summary>
    public static TimeSpan RefreshTokenLifetime(this ClientSettings settings) =>
        settings.RefreshTokenValidity is > 0 and var number ? Of(number, settings.TokenValidityUnits?.RefreshToken ?? "days") : TimeSpan.FromDays(30);

    static TimeSpan Of(int number, string unit) => unit switch
    {
        "seconds" => TimeSpan.FromSeconds(number),
        "minutes" => TimeSpan.FromMinutes(number),
        "hours" => TimeSpan.FromHours(Math.Min(number, 2_400_000)),
        // 315,360,000 days are more than a TimeSpan can be added to a date: nobody may have them anyway.
        _ => TimeSpan.FromDays(Math.Min(number, 100_000)),
    };
}
