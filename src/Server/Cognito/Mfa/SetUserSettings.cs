using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>What SetUserSettings takes.</summary>
public sealed record SetUserSettingsRequest([TokenText] string AccessToken, IReadOnlyList<MfaOptionType> MFAOptions);

/// <summary>The old way to turn the caller's SMS codes on and off.</summary>
static class SetUserSettings
{
    public static readonly Operation Operation = Operation.Of<SetUserSettingsRequest, Nothing, AccessTokenCheck, Database>(
        nameof(SetUserSettings), Access.AccessToken,
        () => MfaJson.Default.SetUserSettingsRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<Nothing> Handle(SetUserSettingsRequest request, CognitoCall call, AccessTokenCheck check, Database database)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        if (token.Pool.MfaConfiguration == "ON" && request.MFAOptions.Count == 0)
            throw CognitoException.InvalidParameter("MFA is required in this user pool: a method cannot be disabled.");
        await MfaOptions.Set(database, token.Pool, token.User!, request.MFAOptions);
        return Nothing.Value;
    }
}
