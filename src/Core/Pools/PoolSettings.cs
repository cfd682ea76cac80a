using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>
/// Every setting of a pool that UpdateUserPool replaces. Wire shape and stored shape at once: the member names are the
/// API's, and a member that was left out is null and means its default.
/// </summary>
public record PoolSettings
{
    public PoolPolicies? Policies { get; init; }

    [OneOf("ACTIVE", "INACTIVE")]
    public string? DeletionProtection { get; init; }

    public LambdaConfig? LambdaConfig { get; init; }

    [OneOf("phone_number", "email", On = Part.Each)]
    public IReadOnlyList<string>? AutoVerifiedAttributes { get; init; }

    [SmsTemplate]
    public string? SmsVerificationMessage { get; init; }

    [EmailTemplate]
    public string? EmailVerificationMessage { get; init; }

    [EmailSubject]
    public string? EmailVerificationSubject { get; init; }

    public VerificationMessageTemplate? VerificationMessageTemplate { get; init; }

    [SmsTemplate]
    public string? SmsAuthenticationMessage { get; init; }

    [OneOf("OFF", "ON", "OPTIONAL")]
    public string? MfaConfiguration { get; init; }

    public UserAttributeUpdateSettings? UserAttributeUpdateSettings { get; init; }

    public DeviceConfiguration? DeviceConfiguration { get; init; }

    public EmailConfiguration? EmailConfiguration { get; init; }

    public SmsConfiguration? SmsConfiguration { get; init; }

    [Length(1, 128, On = Part.Keys), Length(0, 256, On = Part.Each)]
    public IReadOnlyDictionary<string, string>? UserPoolTags { get; init; }

    public AdminCreateUserConfig? AdminCreateUserConfig { get; init; }

    public UserPoolAddOns? UserPoolAddOns { get; init; }

    public AccountRecoverySetting? AccountRecoverySetting { get; init; }

    [OneOf("LITE", "ESSENTIALS", "PLUS")]
    public string? UserPoolTier { get; init; }

    public KeyConfiguration? KeyConfiguration { get; init; }

    public IssuerConfiguration? IssuerConfiguration { get; init; }
}

/// <summary>The settings of a pool with those that are chosen once, at its creation.</summary>
public record PoolDefinition : PoolSettings
{
    public PoolDefinition() { }

    /// <summary>Takes over the settings that can change.</summary>
    public PoolDefinition(PoolSettings settings) : base(settings) { }

    [OneOf("phone_number", "email", "preferred_username", On = Part.Each)]
    public IReadOnlyList<string>? AliasAttributes { get; init; }

    [OneOf("phone_number", "email", On = Part.Each)]
    public IReadOnlyList<string>? UsernameAttributes { get; init; }

    public UsernameConfiguration? UsernameConfiguration { get; init; }
}
