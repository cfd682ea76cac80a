using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>What passwords and first factors a pool takes.</summary>
public sealed record PoolPolicies(PasswordPolicy? PasswordPolicy = null, SignInPolicy? SignInPolicy = null);

/// <summary>The rules for passwords; a pool whose creator named none has <see cref="Unset"/>.</summary>
public sealed record PasswordPolicy(
    [Range(6, 99)] int? MinimumLength = null,
    bool? RequireUppercase = null,
    bool? RequireLowercase = null,
    bool? RequireNumbers = null,
    bool? RequireSymbols = null,
    [Range(0, 24)] int? PasswordHistorySize = null,
    [Range(0, 365)] int? TemporaryPasswordValidityDays = null)
{
    /// <summary>The policy of a pool that names none.</summary>
    public static readonly PasswordPolicy Unset = new(8, true, true, true, true, null, 7);

    /// <summary>The policy with every unnamed member at its default; a validity of 0 is none that was named.</summary>
    public PasswordPolicy Completed() => this with
    {
        MinimumLength = MinimumLength ?? 8,
        RequireUppercase = RequireUppercase ?? false,
        RequireLowercase = RequireLowercase ?? false,
        RequireNumbers = RequireNumbers ?? false,
        RequireSymbols = RequireSymbols ?? false,
        TemporaryPasswordValidityDays = TemporaryPasswordValidityDays is > 0 and var days ? days : 7,
    };
}

/// <summary>The factors with which a choice-based sign-in may begin.</summary>
public sealed record SignInPolicy(
    [Length(1, 5), OneOf("PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN", On = Part.Each)]
    IReadOnlyList<string>? AllowedFirstAuthFactors = null);

/// <summary>Whether user names are told apart by case.</summary>
public sealed record UsernameConfiguration([Required] bool? CaseSensitive);

/// <summary>Which attributes keep their old value until the new one is verified.</summary>
public sealed record UserAttributeUpdateSettings(
    [OneOf("phone_number", "email", On = Part.Each)] IReadOnlyList<string>? AttributesRequireVerificationBeforeUpdate = null);

/// <summary>How devices are remembered.</summary>
public sealed record DeviceConfiguration(bool? ChallengeRequiredOnNewDevice = null, bool? DeviceOnlyRememberedOnUserPrompt = null);

/// <summary>Who may create users, and how they are invited.</summary>
public sealed record AdminCreateUserConfig(
    bool? AllowAdminCreateUserOnly = null,
    [Range(0, 365)] int? UnusedAccountValidityDays = null,
    MessageTemplate? InviteMessageTemplate = null);

/// <summary>Threat protection.</summary>
public sealed record UserPoolAddOns(
    [OneOf("OFF", "AUDIT", "ENFORCED")] string AdvancedSecurityMode,
    AdvancedSecurityAdditionalFlows? AdvancedSecurityAdditionalFlows = null);

/// <summary>Threat protection of custom sign-in.</summary>
public sealed record AdvancedSecurityAdditionalFlows([OneOf("AUDIT", "ENFORCED")] string? CustomAuthMode = null);

/// <summary>The channels by which a forgotten password is reset.</summary>
public sealed record AccountRecoverySetting([Length(1, 2)] IReadOnlyList<RecoveryOption>? RecoveryMechanisms = null);

/// <summary>One channel and its place in the order.</summary>
public sealed record RecoveryOption(
    [Required, Range(1, 2)] int? Priority,
    [OneOf("verified_email", "verified_phone_number", "admin_only")] string Name);

/// <summary>Which key encrypts the pool; stored and shown, every pool here is sealed under the master key.</summary>
public sealed record KeyConfiguration(
    [OneOf("AWS_OWNED_KEY", "CUSTOMER_MANAGED_KEY")] string? KeyType = null,
    [Arn] string? KmsKeyArn = null);

/// <summary>Which form of issuer the pool's tokens name.</summary>
public sealed record IssuerConfiguration([OneOf("ORIGINAL", "UPDATED")] string? Type = null);
