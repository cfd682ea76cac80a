namespace Poolhouse.Core;

/// <summary>Why something was refused. The wording belongs to each surface; the reason is also the audit reason and the metric label.</summary>
public enum Refusal
{
    // Pools and clients
    PoolNotFound,
    ClientNotFound,
    GroupNotFound,
    SecretHashMissing,
    SecretHashWrong,
    ClientSecretWrong,
    FlowNotEnabled,
    SignUpNotPermitted,
    RevocationDisabled,

    // Sign-in
    UserNotFound,
    WrongPassword,
    LockedOut,
    UserDisabled,
    UserNotConfirmed,
    PasswordResetRequired,
    TemporaryPasswordExpired,
    SecondFactorImpossible,
    FactorNotOffered,
    CustomAuthNotConfigured,
    DeviceNotFound,
    PasswordNotResettable,
    Overloaded,

    // Accounts
    UsernameExists,
    AliasExists,
    UsernameFormat,
    PasswordPolicy,
    PasswordUsedBefore,
    AttributesInvalid,
    AttributeNotWritable,
    AttributeRequired,
    AttributeAlreadyGiven,
    UserAlreadyConfirmed,
    UserConfirmedStatus,

    // Codes and challenges
    CodeMismatch,
    CodeExpired,
    CodeUsed,
    SoftwareTokenOff,
    SoftwareTokenMissing,
    SoftwareTokenMismatch,
    CodeAttemptsExceeded,
    CodeRequestsExceeded,
    CodeUndeliverable,
    NoVerifiedChannel,
    ChallengeInvalid,
    ChallengeSpent,
    ChallengeExpired,

    // Tokens
    RefreshTokenInvalid,
    RefreshTokenExpired,
    RefreshTokenRevoked,
    RefreshTokenReused,
    TokenKindUnsupported,
    AccessTokenInvalid,
    AccessTokenExpired,
    AccessTokenRevoked,
    AccessTokenScope,
    AttributeUnreadable,

    // Triggers
    TriggerRefused,
    TriggerUnexpected,
    TriggerInvalid,
}

/// <summary>A use case's refusal: it names the reason and knows no wire text.</summary>
/// <param name="reason">The reason, which each surface words in its own vocabulary.</param>
/// <param name="detail">What the reason is about (an id, an attribute name, the broken rule, what a function of the pool says); never a secret.</param>
public sealed class RefusedException(Refusal reason, string? detail = null)
    : Exception(detail is null ? reason.ToString() : $"{reason}: {detail}")
{
    /// <summary>The reason.</summary>
    public Refusal Reason { get; } = reason;

    /// <summary>What the reason is about, or null.</summary>
    public string? Detail { get; } = detail;
}
