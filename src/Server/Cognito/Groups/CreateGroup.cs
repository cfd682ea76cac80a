using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What CreateGroup takes.</summary>
public sealed record CreateGroupRequest(
    [GroupName] string GroupName,
    [PoolId] string UserPoolId,
    [Length(0, 2048)] string? Description = null,
    [Arn] string? RoleArn = null,
    [Range(0)] int? Precedence = null);

/// <summary>Adds a group to a pool.</summary>
static class CreateGroup
{
    public static readonly Operation Operation = Operation.Of(nameof(CreateGroup), Access.Iam,
        () => GroupsJson.Default.CreateGroupRequest, () => GroupsJson.Default.GroupResponse, Handle);

    static async Task<GroupResponse> Handle(CreateGroupRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        var group = new Group(pool.Id, request.GroupName, request.Description, request.RoleArn, request.Precedence, call.Now, call.Now);
        return await call.Database.Write(tx => GroupStore.Insert(tx, group))
            ? GroupResponse.Of(group)
            : throw new CognitoException("GroupExistsException", "A group with the name already exists.");
    }
}
