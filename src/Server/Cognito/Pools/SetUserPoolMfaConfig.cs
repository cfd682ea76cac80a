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
        if (request.SmsMfaConfiguration is { SmsConfiguration: null }) throw CognitoException.InvalidParameter("SmsMfaConfiguration needs an SmsConfiguration.");
        var (refused, changed) = await call.Database.Write<(Exception?, UserPool?)>(async tx =>
        {
            if (await PoolStore.Lock(tx, request.UserPoolId) is not { } pool) return (new RefusedException(Refusal.PoolNotFound, request.UserPoolId), null);
            var after = Changed(pool, request);
            try
            {
                Check(after, request);
            }
            catch (CognitoException fault)
            {
                return (fault, null);
            }
            await PoolStore.ReplaceMfa(tx, pool.Id, after.Settings, after.Mfa!);
            return (null, after);
        });
        return refused is null ? MfaConfig.Of(changed!) : throw refused;
    }

    static UserPool Changed(UserPool pool, SetUserPoolMfaConfigRequest request) => pool with
    {
        Settings = pool.Settings with
        {
            MfaConfiguration = request.MfaConfiguration ?? pool.Settings.MfaConfiguration,
            SmsAuthenticationMessage = request.SmsMfaConfiguration?.SmsAuthenticationMessage ?? pool.Settings.SmsAuthenticationMessage,
            // Verification codes go on being sent by SMS where that is no second factor any more.
            SmsConfiguration = request.SmsMfaConfiguration?.SmsConfiguration ?? pool.Settings.SmsConfiguration,
        },
        Mfa = new(request.SmsMfaConfiguration is not null, request.SoftwareTokenMfaConfiguration, request.EmailMfaConfiguration, request.WebAuthnConfiguration),
    };

    static void Check(UserPool after, SetUserPoolMfaConfigRequest request)
    {
        PoolRules.CheckFirstFactors(after.Settings);
        var none = after.Mfa is { Sms: not true, Email: null, SoftwareToken: null or { Enabled: not true } };
        if (after.MfaConfiguration != "OFF" && none)
            throw CognitoException.InvalidParameter("MFA cannot be ON or OPTIONAL without SMS, software token or e-mail configuration.");
        if (request.MfaConfiguration == "OFF" && after.Mfa is { Sms: true } or { SoftwareToken.Enabled: true })
            throw CognitoException.InvalidParameter("Invalid MFA configuration given, can't disable all MFAs with a configured MFA method.");
    }
}
