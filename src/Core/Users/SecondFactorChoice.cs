using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>Which second factors a user is asked for, and which could be set up (auth-flows.md §9).</summary>
public static class SecondFactorChoice
{
    static readonly string[] All = [Factor.Sms, Factor.Totp, Factor.Email];

    /// <summary>The factors that the user may answer with now: one is asked for, several are offered to choose from, none means none is due or possible.</summary>
    public static IReadOnlyList<string> Due(UserPool pool, User user, UserFactors held)
    {
        var usable = All.Where(factor => pool.AllowsFactor(factor) && IsOn(pool, held, factor) && CanReach(user, factor)).ToList();
        if (held.Preferred is { } preferred && usable.Contains(preferred)) return [preferred];
        if (usable.Count > 0 || pool.MfaConfiguration != "ON") return usable;
        // Where a second factor is a must, a number or address that is there already is good enough to begin with.
        return All.FirstOrDefault(factor => factor != Factor.Totp && pool.AllowsFactor(factor) && CanReach(user, factor)) is { } first ? [first] : [];
    }

    /// <summary>What a user who has nothing could set up in the middle of the sign-in.</summary>
    public static IReadOnlyList<string> ToSetUp(UserPool pool) =>
        [.. All.Where(factor => factor != Factor.Sms && pool.AllowsFactor(factor))];

    // An app that has shown a code counts where a second factor is a must, whatever the preference says.
    static bool IsOn(UserPool pool, UserFactors held, string factor) =>
        held.Enabled.Contains(factor) && (factor != Factor.Totp || held.TotpVerified)
        || (factor == Factor.Totp && held.TotpVerified && pool.MfaConfiguration == "ON");

    static bool CanReach(User user, string factor) => Factor.Channel(factor) is not { } channel || !string.IsNullOrEmpty(user.Attribute(channel));
}
