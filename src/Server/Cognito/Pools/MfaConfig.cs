using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>The second factors of a pool on the wire.</summary>
public record MfaConfig
{
    public SmsMfa? SmsMfaConfiguration { get; init; }

    public SoftwareTokenMfa? SoftwareTokenMfaConfiguration { get; init; }

    public EmailMfa? EmailMfaConfiguration { get; init; }

    [OneOf("OFF", "ON", "OPTIONAL")]
    public string? MfaConfiguration { get; init; }

    public WebAuthnConfiguration? WebAuthnConfiguration { get; init; }

    internal static MfaConfig Of(UserPool pool)
    {
        var sms = pool.Mfa?.Sms ?? pool is { MfaConfiguration: not "OFF", Settings.SmsConfiguration: not null };
        return new()
        {
            SmsMfaConfiguration = sms ? new(pool.Settings.SmsAuthenticationMessage, pool.Settings.SmsConfiguration) : null,
            SoftwareTokenMfaConfiguration = pool.Mfa?.SoftwareToken,
            EmailMfaConfiguration = pool.Mfa?.Email,
            MfaConfiguration = pool.MfaConfiguration,
            WebAuthnConfiguration = pool.Mfa?.WebAuthn,
        };
    }
}
