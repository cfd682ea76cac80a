using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What DeleteGroup takes.</summary>
public sealed record DeleteGroupRequest([GroupName] string GroupName, [PoolId] string UserPoolId);

/// <summary>Deletes a group; its members are in it no more.</summary>
static class DeleteGroup
{
    public static readonly Operation Operation = Operation.Of(nameof(DeleteGroup), Access.Iam,
        () => GroupsJson.Default.DeleteGroupRequest, Handle);

    static async Task Handle(DeleteGroupRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        if (!await call.Database.Write(tx => GroupStore.Delete(tx, pool.Id, request.GroupName))) throw new RefusedException(Refusal.GroupNotFound);
    }
}
