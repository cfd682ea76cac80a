using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>What AdminSetUserSettings takes.</summary>
public sealed record AdminSetUserSettingsRequest([PoolId] string UserPoolId, [Username] string Username, IReadOnlyList<MfaOptionType> MFAOptions);

/// <summary>The old way to turn a user's SMS codes on and off.</summary>
static class AdminSetUserSettings
{
    public static readonly Operation Operation = Operation.Of<AdminSetUserSettingsRequest, Nothing, Accounts>(
        nameof(AdminSetUserSettings), Access.Iam,
        () => MfaJson.Default.AdminSetUserSettingsRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<Nothing> Handle(AdminSetUserSettingsRequest request, CognitoCall call, Accounts accounts)
    {
        var pool = await call.Pool(request.UserPoolId);
        await MfaOptions.Set(call.Database, pool, await accounts.Get(pool, request.Username, call.Cancel), request.MFAOptions);
        return Nothing.Value;
    }
}
