using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>What SetUserMFAPreference takes.</summary>
public sealed record SetUserMFAPreferenceRequest([TokenText] string AccessToken) : MfaPreferences;

/// <summary>Turns the caller's second factors on and off, and says which is asked for.</summary>
static class SetUserMFAPreference
{
    public static readonly Operation Operation = Operation.Of<SetUserMFAPreferenceRequest, Nothing, AccessTokenCheck, Database>(
        nameof(SetUserMFAPreference), Access.AccessToken,
        () => MfaJson.Default.SetUserMFAPreferenceRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<Nothing> Handle(SetUserMFAPreferenceRequest request, CognitoCall call, AccessTokenCheck check, Database database)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        // Where a second factor is a must, a stolen token must not be able to take it away.
        if (token.Pool.MfaConfiguration == "ON" && request is { SMSMfaSettings.Enabled: false } or { SoftwareTokenMfaSettings.Enabled: false } or { EmailMfaSettings.Enabled: false })
            throw CognitoException.InvalidParameter("MFA is required in this user pool: a method cannot be disabled.");
        await request.Set(database, token.Pool, token.User!);
        return Nothing.Value;
    }
}
