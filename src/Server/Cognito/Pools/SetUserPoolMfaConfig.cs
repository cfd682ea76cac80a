using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What SetUserPoolMfaConfig takes; a factor that is left out is off.</summary>
public sealed record SetUserPoolMfaConfigRequest([PoolId] string UserPoolId) : MfaConfig;

/// <summary>Says which second factors a pool knows and whether they are a must.</summary>
static class SetUserPoolMfaConfig
{
    public static readonly Operation Operation = Operation.Of(nameof(SetUserPoolMfaConfig), Access.Iam,
        () => PoolsJson.Default.SetUserPoolMfaConfigRequest, () => PoolsJson.Default.MfaConfig, Handle);

    static async Task<MfaConfig> Handle(SetUserPoolMfaConfigRequest request, CognitoCall call)
    {
        Check(request);
        var changed = await call.Database.Write(async tx =>
        {
            if (await PoolStore.Lock(tx, request.UserPoolId) is not { } pool) return null;
            var after = Changed(pool, request);
            return await PoolStore.ReplaceMfa(tx, pool.Id, after.Settings, after.Mfa!) ? after : null;
        });
        return changed is null ? throw new RefusedException(Refusal.PoolNotFound, request.UserPoolId) : MfaConfig.Of(changed);
    }

    static void Check(SetUserPoolMfaConfigRequest request)
    {
        if (request.SmsMfaConfiguration is { SmsConfiguration: null }) throw CognitoException.InvalidParameter("SmsMfaConfiguration needs an SmsConfiguration.");
        var none = request is { SmsMfaConfiguration: null, EmailMfaConfiguration: null, SoftwareTokenMfaConfiguration: null or { Enabled: not true } };
        if (request.MfaConfiguration is "ON" or "OPTIONAL" && none)
            throw CognitoException.InvalidParameter("MFA cannot be ON or OPTIONAL without SMS, software token or e-mail configuration.");
        if (request is { MfaConfiguration: "OFF", SoftwareTokenMfaConfiguration.Enabled: true } or { MfaConfiguration: "OFF", SmsMfaConfiguration: not null })
            throw CognitoException.InvalidParameter("Invalid MFA configuration given, can't disable all MFAs with a configured MFA method.");
    }

    static UserPool Changed(UserPool pool, SetUserPoolMfaConfigRequest request)
    {
        var settings = pool.Settings with
        {
            MfaConfiguration = request.MfaConfiguration ?? pool.Settings.MfaConfiguration,
            SmsAuthenticationMessage = request.SmsMfaConfiguration?.SmsAuthenticationMessage ?? pool.Settings.SmsAuthenticationMessage,
            // Verification codes go on being sent by SMS where that is no second factor any more.
            SmsConfiguration = request.SmsMfaConfiguration?.SmsConfiguration ?? pool.Settings.SmsConfiguration,
        };
        var first = pool.FirstFactors.FirstOrDefault(factor => factor is "EMAIL_OTP" or "SMS_OTP");
        if (settings.MfaConfiguration == "ON" && first is not null)
            throw CognitoException.InvalidParameter($"MFA cannot be ON in a user pool whose users may sign in by {first} alone.");
        return pool with
        {
            Settings = settings,
            Mfa = new(request.SmsMfaConfiguration is not null, request.SoftwareTokenMfaConfiguration, request.EmailMfaConfiguration, request.WebAuthnConfiguration),
        };
    }
}
