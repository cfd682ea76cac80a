using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What GlobalSignOut takes.</summary>
public sealed record GlobalSignOutRequest([TokenText] string AccessToken);

/// <summary>Ends every session of the caller, through whichever client it was born.</summary>
static class GlobalSignOut
{
    public static readonly Operation Operation = Operation.Of<GlobalSignOutRequest, Nothing, AccessTokenCheck, EndSessions>(
        nameof(GlobalSignOut), Access.AccessToken,
        () => AccountJson.Default.GlobalSignOutRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("UserNotFoundException", "NotAuthorizedException");

    static async Task<Nothing> Handle(GlobalSignOutRequest request, CognitoCall call, AccessTokenCheck check, EndSessions end)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        await end.Everywhere(token.User!, SessionEnd.SignedOut);
        return Nothing.Value;
    }
}
