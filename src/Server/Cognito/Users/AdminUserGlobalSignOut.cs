using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminUserGlobalSignOut takes.</summary>
public sealed record AdminUserGlobalSignOutRequest([PoolId] string UserPoolId, [Username] string Username);

/// <summary>Ends every session of a user; the cookie of the hosted pages stays, as in the service.</summary>
static class AdminUserGlobalSignOut
{
    public static readonly Operation Operation = Operation.Of<AdminUserGlobalSignOutRequest, Nothing, Accounts, EndSessions>(
        nameof(AdminUserGlobalSignOut), Access.Iam,
        () => UsersJson.Default.AdminUserGlobalSignOutRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminUserGlobalSignOutRequest request, CognitoCall call, Accounts accounts, EndSessions end)
    {
        var pool = await call.Pool(request.UserPoolId);
        await end.Everywhere(await accounts.Get(pool, request.Username, call.Cancel), SessionEnd.SignedOutByAdmin);
        return Nothing.Value;
    }
}
