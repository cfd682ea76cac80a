using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminEnableUser takes.</summary>
public sealed record AdminEnableUserRequest([PoolId] string UserPoolId, [Username] string Username);

/// <summary>Enables a user; sessions that ended do not come back.</summary>
static class AdminEnableUser
{
    public static readonly Operation Operation = Operation.Of<AdminEnableUserRequest, Nothing, Accounts>(nameof(AdminEnableUser), Access.Iam,
        () => UsersJson.Default.AdminEnableUserRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminEnableUserRequest request, CognitoCall call, Accounts accounts)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        return await call.Database.Write(tx => UserStore.SetEnabled(tx, pool.Id, user.Sub, enabled: true))
            ? Nothing.Value
            : throw new RefusedException(Refusal.UserNotFound);
    }
}
