using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>The second factors that SetUserPoolMfaConfig turns on and UpdateUserPool leaves alone. ON, OPTIONAL or OFF is a setting of the pool.</summary>
/// <param name="Sms">Whether SMS codes are a second factor; null in a pool that was never told: then its SMS configuration decides.</param>
/// <param name="SoftwareToken">Authenticator apps.</param>
/// <param name="Email">Codes by e-mail.</param>
/// <param name="WebAuthn">Passkeys; stored and shown.</param>
public sealed record PoolMfa(
    bool? Sms = null,
    SoftwareTokenMfa? SoftwareToken = null,
    EmailMfa? Email = null,
    WebAuthnConfiguration? WebAuthn = null);

/// <summary>Whether authenticator apps are a second factor.</summary>
public sealed record SoftwareTokenMfa(bool? Enabled = null);

/// <summary>The text that carries a code by e-mail.</summary>
public sealed record EmailMfa([EmailTemplate] string? Message = null, [Pattern(@"[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+")] string? Subject = null);

/// <summary>The text that carries a code by SMS, and by whom it is sent.</summary>
public sealed record SmsMfa([SmsTemplate] string? SmsAuthenticationMessage = null, SmsConfiguration? SmsConfiguration = null);

/// <summary>How passkeys would be asked for.</summary>
public sealed record WebAuthnConfiguration(
    [Length(1, 127)] string? RelyingPartyId = null,
    [OneOf("required", "preferred")] string? UserVerification = null,
    [OneOf("SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION")] string? FactorConfiguration = null);
