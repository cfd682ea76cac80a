using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminDeleteUser takes.</summary>
public sealed record AdminDeleteUserRequest([PoolId] string UserPoolId, [Username] string Username);

/// <summary>Deletes a user and ends every session.</summary>
static class AdminDeleteUser
{
    public static readonly Operation Operation = Operation.Of<AdminDeleteUserRequest, Accounts, EndSessions>(nameof(AdminDeleteUser), Access.Iam,
        () => UsersJson.Default.AdminDeleteUserRequest, Handle);

    static async Task Handle(AdminDeleteUserRequest request, CognitoCall call, Accounts accounts, EndSessions end)
    {
        var pool = await call.Pool(request.UserPoolId);
        await end.Delete(await accounts.Get(pool, request.Username, call.Cancel));
    }
}
