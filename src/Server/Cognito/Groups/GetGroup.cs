using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What GetGroup takes.</summary>
public sealed record GetGroupRequest([GroupName] string GroupName, [PoolId] string UserPoolId);

/// <summary>Shows a group.</summary>
static class GetGroup
{
    public static readonly Operation Operation = Operation.Of<GetGroupRequest, GroupResponse, GroupStore>(nameof(GetGroup), Access.Iam,
        () => GroupsJson.Default.GetGroupRequest, () => GroupsJson.Default.GroupResponse, Handle);

    static async Task<GroupResponse> Handle(GetGroupRequest request, CognitoCall call, GroupStore groups)
    {
        var pool = await call.Pool(request.UserPoolId);
        return GroupResponse.Of(await groups.Find(pool.Id, request.GroupName, call.Cancel) ?? throw new RefusedException(Refusal.GroupNotFound));
    }
}
