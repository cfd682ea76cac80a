using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>What AdminSetUserMFAPreference takes.</summary>
public sealed record AdminSetUserMFAPreferenceRequest([Username] string Username, [PoolId] string UserPoolId) : MfaPreferences;

/// <summary>Turns a user's second factors on and off, and says which is asked for.</summary>
static class AdminSetUserMFAPreference
{
    public static readonly Operation Operation = Operation.Of<AdminSetUserMFAPreferenceRequest, Nothing, Accounts>(
        nameof(AdminSetUserMFAPreference), Access.Iam,
        () => MfaJson.Default.AdminSetUserMFAPreferenceRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<Nothing> Handle(AdminSetUserMFAPreferenceRequest request, CognitoCall call, Accounts accounts)
    {
        var pool = await call.Pool(request.UserPoolId);
        await request.Set(call.Database, pool, await accounts.Get(pool, request.Username, call.Cancel));
        return Nothing.Value;
    }
}
