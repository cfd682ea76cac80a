using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What AdminAddUserToGroup takes.</summary>
public sealed record AdminAddUserToGroupRequest([PoolId] string UserPoolId, [Username] string Username, [GroupName] string GroupName);

/// <summary>Puts a user into a group; tokens show it from the next sign-in or refresh on.</summary>
static class AdminAddUserToGroup
{
    public static readonly Operation Operation = Operation.Of<AdminAddUserToGroupRequest, Memberships>(nameof(AdminAddUserToGroup), Access.Iam,
        () => GroupsJson.Default.AdminAddUserToGroupRequest, Handle);

    static async Task Handle(AdminAddUserToGroupRequest request, CognitoCall call, Memberships memberships)
    {
        var pool = await call.Pool(request.UserPoolId);
        await memberships.Add(await memberships.User(pool, request.Username, call.Cancel), request.GroupName);
    }
}
