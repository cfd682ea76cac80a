using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>The rules for a pool's settings that no single member's constraint can hold; create and update share them.</summary>
static class PoolRules
{
    /// <summary>The tier of a pool that names none: threat protection needs the highest.</summary>
    public static string UnsetTier(PoolSettings settings) =>
        settings.UserPoolAddOns is { AdvancedSecurityMode: "AUDIT" or "ENFORCED" } ? "PLUS" : "ESSENTIALS";

    /// <summary>Refuses settings that contradict each other.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="mfa">The second factors that the pool has already, and that these settings leave alone.</param>
    public static void Check(PoolSettings settings, PoolMfa? mfa = null)
    {
        CheckTags(settings.UserPoolTags);
        CheckTier(settings);
        CheckMfa(settings, mfa);
        CheckTriggers(settings.LambdaConfig);
        CheckMessages(settings);
        CheckRecovery(settings.AccountRecoverySetting);
        if (settings is { AdminCreateUserConfig.UnusedAccountValidityDays: { } unused, Policies.PasswordPolicy.TemporaryPasswordValidityDays: { } temporary }
            && unused != temporary)
            throw CognitoException.InvalidParameter("Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays");
        if (settings.Policies?.SignInPolicy?.AllowedFirstAuthFactors is { } factors && !factors.Contains("PASSWORD"))
            throw CognitoException.InvalidParameter("AllowedFirstAuthFactors must contain PASSWORD.");
        if (settings.KeyConfiguration is { KeyType: "CUSTOMER_MANAGED_KEY", KmsKeyArn: null } or { KeyType: not "CUSTOMER_MANAGED_KEY", KmsKeyArn: not null })
            throw CognitoException.InvalidParameter("KmsKeyArn goes with the key type CUSTOMER_MANAGED_KEY.");
    }

    /// <summary>Refuses tags that claim to be switches of ours and are none.</summary>
    public static void CheckTags(IReadOnlyDictionary<string, string>? tags)
    {
        if (PoolOptions.Unknown(tags) is { } tag) throw CognitoException.InvalidParameter($"The tag {tag} is no option of this server.");
    }

    /// <summary>Refuses a second factor as a must where one that is sent is enough alone.</summary>
    public static void CheckFirstFactors(PoolSettings settings)
    {
        if (settings.MfaConfiguration == "ON" && settings.Policies?.SignInPolicy?.AllowedFirstAuthFactors?.FirstOrDefault(factor => factor is "EMAIL_OTP" or "SMS_OTP") is { } first)
            throw CognitoException.InvalidParameter($"MFA cannot be ON in a user pool whose users may sign in by {first} alone.");
    }

    static void CheckMfa(PoolSettings settings, PoolMfa? mfa)
    {
        CheckFirstFactors(settings);
        if (settings.MfaConfiguration is "ON" or "OPTIONAL" && settings.SmsConfiguration is null && settings.EmailConfiguration is not { EmailSendingAccount: "DEVELOPER" }
            && mfa is not ({ SoftwareToken.Enabled: true } or { Email: not null }))
            throw CognitoException.InvalidParameter("SMS or e-mail configuration is required when MFA is ON or OPTIONAL; software tokens are turned on by SetUserPoolMfaConfig.");
    }

    static void CheckTier(PoolSettings settings)
    {
        var tier = settings.UserPoolTier ?? UnsetTier(settings);
        if (tier != "PLUS" && settings.UserPoolAddOns is { AdvancedSecurityMode: not "OFF" })
            throw Unavailable("Threat protection", tier);
        if (tier != "LITE") return;
        if (settings.Policies?.SignInPolicy?.AllowedFirstAuthFactors is { } factors && factors.Any(factor => factor != "PASSWORD"))
            throw Unavailable("Sign-in without a password", tier);
        if (settings.LambdaConfig?.PreTokenGenerationConfig is { LambdaVersion: not "V1_0" }) throw Unavailable("This version of the pre token generation trigger", tier);
        if (settings.Policies?.PasswordPolicy?.PasswordHistorySize > 0) throw Unavailable("Password history", tier);
    }

    static CognitoException Unavailable(string feature, string tier) =>
        new("FeatureUnavailableInTierException", $"{feature} is not available in the {tier} tier.");

    static void CheckTriggers(LambdaConfig? triggers)
    {
        if (triggers is null) return;
        if (triggers is { PreTokenGeneration: { } old, PreTokenGenerationConfig.LambdaArn: { } versioned } && old != versioned)
            throw CognitoException.InvalidParameter("PreTokenGeneration and PreTokenGenerationConfig must name the same function.");
        if ((triggers.CustomSMSSender ?? triggers.CustomEmailSender) is not null && triggers.KMSKeyID is null)
            throw CognitoException.InvalidParameter("KMSKeyID is required with CustomSMSSender or CustomEmailSender.");
    }

    static void CheckMessages(PoolSettings settings)
    {
        if (settings.EmailConfiguration is { EmailSendingAccount: "DEVELOPER", SourceArn: null })
            throw CognitoException.InvalidParameter("SourceArn is required when EmailSendingAccount is DEVELOPER.");
        var template = settings.VerificationMessageTemplate;
        if (Differ(settings.EmailVerificationMessage, template?.EmailMessage) || Differ(settings.EmailVerificationSubject, template?.EmailSubject)
            || Differ(settings.SmsVerificationMessage, template?.SmsMessage))
            throw CognitoException.InvalidParameter("A verification message and its template must be the same when both are given.");
    }

    static bool Differ(string? one, string? other) => one is not null && other is not null && one != other;

    static void CheckRecovery(AccountRecoverySetting? recovery)
    {
        if (recovery?.RecoveryMechanisms is not { } options) return;
        if (options.Select(option => option.Priority).Distinct().Count() != options.Count || options.Select(option => option.Name).Distinct().Count() != options.Count)
            throw CognitoException.InvalidParameter("Each recovery mechanism needs a name and a priority of its own.");
        if (options.Count > 1 && options.Any(option => option.Name == "admin_only"))
            throw CognitoException.InvalidParameter("admin_only cannot be combined with another recovery mechanism.");
    }
}
