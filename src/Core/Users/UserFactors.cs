namespace Poolhouse.Core.Users;

/// <summary>The names of second factors, as challenges and preferences call them.</summary>
public static class Factor
{
    /// <summary>A code by SMS.</summary>
    public const string Sms = "SMS_MFA";

    /// <summary>A code by e-mail.</summary>
    public const string Email = "EMAIL_OTP";

    /// <summary>A code of an authenticator app.</summary>
    public const string Totp = "SOFTWARE_TOKEN_MFA";

    /// <summary>The attribute that a code of this factor is sent to; null for the authenticator app.</summary>
    public static string? Channel(string factor) => factor switch
    {
        Sms or "SMS_OTP" => "phone_number",
        Email => "email",
        _ => null,
    };
}

/// <summary>What a user has set up beside the password.</summary>
/// <param name="Sms">Whether codes by SMS are on.</param>
/// <param name="Email">Whether codes by e-mail are on.</param>
/// <param name="Totp">Whether the authenticator app is on.</param>
/// <param name="TotpVerified">Whether an authenticator app has shown a right code once; it can be on only then.</param>
/// <param name="TotpName">What the user calls the app's device, or null.</param>
/// <param name="Preferred">The factor that is asked for first, or null.</param>
public sealed record UserFactors(bool Sms, bool Email, bool Totp, bool TotpVerified, string? TotpName, string? Preferred)
{
    /// <summary>Nothing was ever set up.</summary>
    public static readonly UserFactors None = new(false, false, false, false, null, null);

    /// <summary>The factors that are on, by their names.</summary>
    public IReadOnlyList<string> Enabled =>
        [.. (Sms ? [Factor.Sms] : Array.Empty<string>()), .. (Totp ? [Factor.Totp] : Array.Empty<string>()), .. (Email ? [Factor.Email] : Array.Empty<string>())];
}
