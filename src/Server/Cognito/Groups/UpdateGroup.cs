using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What UpdateGroup takes.</summary>
public sealed record UpdateGroupRequest(
    [GroupName] string GroupName,
    [PoolId] string UserPoolId,
    [Length(0, 2048)] string? Description = null,
    [Arn] string? RoleArn = null,
    [Range(0)] int? Precedence = null);

/// <summary>Changes a group; what is left out stays as it was.</summary>
static class UpdateGroup
{
    public static readonly Operation Operation = Operation.Of(nameof(UpdateGroup), Access.Iam,
        () => GroupsJson.Default.UpdateGroupRequest, () => GroupsJson.Default.GroupResponse, Handle);

    static async Task<GroupResponse> Handle(UpdateGroupRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        var group = new Group(pool.Id, request.GroupName, request.Description, request.RoleArn, request.Precedence, call.Now, call.Now);
        return GroupResponse.Of(await call.Database.Write(tx => GroupStore.Update(tx, group)) ?? throw new RefusedException(Refusal.GroupNotFound));
    }
}
