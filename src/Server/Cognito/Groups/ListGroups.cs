using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>What ListGroups takes.</summary>
public sealed record ListGroupsRequest([PoolId] string UserPoolId, [Range(0, 60)] int? Limit = null, [BoundedPageToken] string? NextToken = null);

/// <summary>A page of groups, as two operations give it.</summary>
public sealed record GroupPage(IReadOnlyList<GroupDescription> Groups, string? NextToken);

/// <summary>Lists the groups of a pool.</summary>
static class ListGroups
{
    public static readonly Operation Operation = Operation.Of<ListGroupsRequest, GroupPage, GroupStore, PageTokens>(nameof(ListGroups), Access.Iam,
        () => GroupsJson.Default.ListGroupsRequest, () => GroupsJson.Default.GroupPage, Handle);

    static async Task<GroupPage> Handle(ListGroupsRequest request, CognitoCall call, GroupStore groups, PageTokens tokens)
    {
        var pool = await call.Pool(request.UserPoolId);
        var listing = $"{nameof(ListGroups)}/{pool.Id}";
        var size = PageTokens.Size(request.Limit);
        var read = await groups.List(pool.Id, tokens.Open(listing, request.NextToken) ?? "", size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, group => group.Name);
        return new([.. page.Select(GroupDescription.Of)], next);
    }
}
