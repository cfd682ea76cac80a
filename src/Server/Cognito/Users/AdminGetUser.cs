using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminGetUser takes.</summary>
public sealed record AdminGetUserRequest([PoolId] string UserPoolId, [Username] string Username);

/// <summary>What AdminGetUser gives; here the attributes are called UserAttributes.</summary>
public sealed record AdminGetUserResponse(
    string Username, IReadOnlyList<AttributeType> UserAttributes, double UserCreateDate, double UserLastModifiedDate, bool Enabled, string UserStatus,
    string? PreferredMfaSetting, IReadOnlyList<string>? UserMFASettingList);

/// <summary>Shows a user with every attribute, whatever clients may read.</summary>
static class AdminGetUser
{
    public static readonly Operation Operation = Operation.Of<AdminGetUserRequest, AdminGetUserResponse, Accounts, FactorStore>(nameof(AdminGetUser), Access.Iam,
        () => UsersJson.Default.AdminGetUserRequest, () => UsersJson.Default.AdminGetUserResponse, Handle);

    static async Task<AdminGetUserResponse> Handle(AdminGetUserRequest request, CognitoCall call, Accounts accounts, FactorStore factors)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        var held = await factors.Get(pool.Id, user.Sub, call.Cancel);
        return new(user.Username, AttributeType.Of(user), WireTime.Seconds(user.CreatedAt), WireTime.Seconds(user.ModifiedAt), user.Enabled, user.Status,
            held.Preferred, held.Enabled is { Count: > 0 } enabled ? enabled : null);
    }
}
