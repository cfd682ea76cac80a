using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What AdminListGroupsForUser takes.</summary>
public sealed record AdminListGroupsForUserRequest(
    [Username] string Username,
    [PoolId] string UserPoolId,
    [Range(0, 60)] int? Limit = null,
    [BoundedPageToken] string? NextToken = null);

/// <summary>Lists the groups of a user.</summary>
static class AdminListGroupsForUser
{
    public static readonly Operation Operation = Operation.Of<AdminListGroupsForUserRequest, GroupPage, Memberships, PageTokens>(
        nameof(AdminListGroupsForUser), Access.Iam,
        () => GroupsJson.Default.AdminListGroupsForUserRequest, () => GroupsJson.Default.GroupPage, Handle);

    static async Task<GroupPage> Handle(AdminListGroupsForUserRequest request, CognitoCall call, Memberships memberships, PageTokens tokens)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await memberships.User(pool, request.Username, call.Cancel);
        var listing = $"{nameof(AdminListGroupsForUser)}/{pool.Id}/{user.Sub}";
        var size = PageTokens.Size(request.Limit);
        var read = await memberships.GroupsOf(user, tokens.Open(listing, request.NextToken) ?? "", size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, group => group.Name);
        return new([.. page.Select(GroupDescription.Of)], next);
    }
}
