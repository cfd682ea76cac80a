using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>A group, as three operations answer it.</summary>
public sealed record GroupResponse(GroupDescription Group)
{
    public static GroupResponse Of(Group group) => new(GroupDescription.Of(group));
}

/// <summary>A group on the wire.</summary>
public sealed record GroupDescription(
    string GroupName, string UserPoolId, string? Description, string? RoleArn, long? Precedence, double LastModifiedDate, double CreationDate)
{
    public static GroupDescription Of(Group group) => new(group.Name, group.PoolId, group.Description, group.RoleArn, group.Precedence,
        WireTime.Seconds(group.ModifiedAt), WireTime.Seconds(group.CreatedAt));
}
