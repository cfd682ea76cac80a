using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What AdminRemoveUserFromGroup takes.</summary>
public sealed record AdminRemoveUserFromGroupRequest([PoolId] string UserPoolId, [Username] string Username, [GroupName] string GroupName);

/// <summary>Takes a user out of a group; tokens show it from the next sign-in or refresh on.</summary>
static class AdminRemoveUserFromGroup
{
    public static readonly Operation Operation = Operation.Of<AdminRemoveUserFromGroupRequest, Memberships>(nameof(AdminRemoveUserFromGroup), Access.Iam,
        () => GroupsJson.Default.AdminRemoveUserFromGroupRequest, Handle);

    static async Task Handle(AdminRemoveUserFromGroupRequest request, CognitoCall call, Memberships memberships)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await memberships.User(pool, request.Username, call.Cancel);
        await memberships.Remove(user, await memberships.Group(pool, request.GroupName, call.Cancel));
    }
}
