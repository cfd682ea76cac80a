using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminDisableUser takes.</summary>
public sealed record AdminDisableUserRequest([PoolId] string UserPoolId, [Username] string Username);

/// <summary>Disables a user and ends every session; a disabled user stays so.</summary>
static class AdminDisableUser
{
    public static readonly Operation Operation = Operation.Of<AdminDisableUserRequest, Nothing, Accounts, EndSessions>(nameof(AdminDisableUser), Access.Iam,
        () => UsersJson.Default.AdminDisableUserRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminDisableUserRequest request, CognitoCall call, Accounts accounts, EndSessions end)
    {
        var pool = await call.Pool(request.UserPoolId);
        await end.Disable(pool, await accounts.Get(pool, request.Username, call.Cancel));
        return Nothing.Value;
    }
}
