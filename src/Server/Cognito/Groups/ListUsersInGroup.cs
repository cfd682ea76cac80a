using Poolhouse.Core.Constraints;
using Poolhouse.Server.Cognito.Users;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What ListUsersInGroup takes.</summary>
public sealed record ListUsersInGroupRequest(
    [PoolId] string UserPoolId,
    [GroupName] string GroupName,
    [Range(0, 60)] int? Limit = null,
    [BoundedPageToken] string? NextToken = null);

/// <summary>What ListUsersInGroup gives.</summary>
public sealed record ListUsersInGroupResponse(IReadOnlyList<UserDescription> Users, string? NextToken);

/// <summary>Lists the members of a group.</summary>
static class ListUsersInGroup
{
    public static readonly Operation Operation = Operation.Of<ListUsersInGroupRequest, ListUsersInGroupResponse, Memberships, PageTokens>(
        nameof(ListUsersInGroup), Access.Iam,
        () => GroupsJson.Default.ListUsersInGroupRequest, () => GroupsJson.Default.ListUsersInGroupResponse, Handle);

    static async Task<ListUsersInGroupResponse> Handle(ListUsersInGroupRequest request, CognitoCall call, Memberships memberships, PageTokens tokens)
    {
        var pool = await call.Pool(request.UserPoolId);
        var group = await memberships.Group(pool, request.GroupName, call.Cancel);
        var listing = $"{nameof(ListUsersInGroup)}/{pool.Id}/{group.Name}";
        var size = PageTokens.Size(request.Limit);
        var read = await memberships.UsersOf(group, tokens.Open(listing, request.NextToken) ?? "", size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, user => user.Sub);
        return new([.. page.Select(UserDescription.Of)], next);
    }
}
