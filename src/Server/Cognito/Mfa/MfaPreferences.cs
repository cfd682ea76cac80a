using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>Whether a factor is on, and whether it is the one that is asked for; a member that was left out is a no.</summary>
public sealed record FactorSettings(bool? Enabled = null, bool? PreferredMfa = null);

/// <summary>Whether passkeys count as a second factor; taken where it is a no.</summary>
public sealed record WebAuthnFactorSettings(bool? Enabled = null);

/// <summary>What both ways to set the second factors of a user take; a factor that was left out stays as it is.</summary>
public abstract record MfaPreferences
{
    public FactorSettings? SMSMfaSettings { get; init; }

    public FactorSettings? SoftwareTokenMfaSettings { get; init; }

    public FactorSettings? EmailMfaSettings { get; init; }

    public WebAuthnFactorSettings? WebAuthnMfaSettings { get; init; }

    /// <summary>Sets the factors of a user; every one that is turned on must be possible.</summary>
    internal async Task Set(Database database, UserPool pool, User user)
    {
        if (WebAuthnMfaSettings?.Enabled == true) throw CognitoException.InvalidParameter("Passkeys are not built yet: WebAuthnMfaSettings cannot be enabled.");
        var named = new (string Factor, FactorSettings? Settings)[] { (Factor.Sms, SMSMfaSettings), (Factor.Totp, SoftwareTokenMfaSettings), (Factor.Email, EmailMfaSettings) };
        if (named.Count(one => one.Settings?.PreferredMfa == true) > 1) throw CognitoException.InvalidParameter("Only one MFA method can be preferred.");
        if (named.Any(one => one.Settings is { PreferredMfa: true } and not { Enabled: true })) throw CognitoException.InvalidParameter("A preferred MFA method must be enabled.");

        var refused = await database.Write(async tx =>
        {
            if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now) return new RefusedException(Refusal.UserNotFound);
            var factors = await FactorStore.Get(tx, pool.Id, user.Sub);
            foreach (var (factor, settings) in named)
            {
                if (settings is null) continue;
                if (settings.Enabled == true && Impossible(pool, now, factors, factor) is { } reason) return reason;
                factors = With(factors, factor, settings);
            }
            await FactorStore.Set(tx, pool.Id, user.Sub, factors);
            return (Exception?)null;
        });
        if (refused is not null) throw refused;
    }

    static UserFactors With(UserFactors factors, string factor, FactorSettings settings)
    {
        var on = settings.Enabled == true;
        var changed = factor switch { Factor.Sms => factors with { Sms = on }, Factor.Totp => factors with { Totp = on }, _ => factors with { Email = on } };
        return settings.PreferredMfa == true ? changed with { Preferred = factor }
            : changed.Preferred == factor ? changed with { Preferred = null } : changed;
    }

    static Exception? Impossible(UserPool pool, User user, UserFactors factors, string factor) => factor switch
    {
        Factor.Totp when !factors.TotpVerified => new RefusedException(Refusal.SoftwareTokenMissing),
        _ when !pool.AllowsFactor(factor) => CognitoException.InvalidParameter($"User pool does not have {factor} enabled."),
        _ when Factor.Channel(factor) is { } channel && !user.Verified(channel) =>
            CognitoException.InvalidParameter(factor == Factor.Sms ? "User does not have delivery config set to turn on SMS_MFA" : "User does not have a verified email to turn on EMAIL_OTP"),
        _ => null,
    };
}
