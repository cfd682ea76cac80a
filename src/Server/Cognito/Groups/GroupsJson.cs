using System.Text.Json.Serialization;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AdminAddUserToGroupRequest))]
[JsonSerializable(typeof(AdminListGroupsForUserRequest))]
[JsonSerializable(typeof(AdminRemoveUserFromGroupRequest))]
[JsonSerializable(typeof(CreateGroupRequest))]
[JsonSerializable(typeof(DeleteGroupRequest))]
[JsonSerializable(typeof(GetGroupRequest))]
[JsonSerializable(typeof(GroupPage))]
[JsonSerializable(typeof(GroupResponse))]
[JsonSerializable(typeof(ListGroupsRequest))]
[JsonSerializable(typeof(ListUsersInGroupRequest))]
[JsonSerializable(typeof(ListUsersInGroupResponse))]
[JsonSerializable(typeof(UpdateGroupRequest))]
public sealed partial class GroupsJson : JsonSerializerContext;
