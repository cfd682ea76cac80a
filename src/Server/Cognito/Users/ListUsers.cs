using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What ListUsers takes.</summary>
public sealed record ListUsersRequest(
    [PoolId] string UserPoolId,
    [AttributeName(On = Part.Each)] IReadOnlyList<string>? AttributesToGet = null,
    [Range(0, 60)] int? Limit = null,
    [PageToken] string? PaginationToken = null,
    [Length(0, 256)] string? Filter = null);

/// <summary>What ListUsers gives.</summary>
public sealed record ListUsersResponse(IReadOnlyList<UserDescription> Users, string? PaginationToken);

/// <summary>Lists the users of a pool that a filter matches; the next page takes the same filter.</summary>
static class ListUsers
{
    public static readonly Operation Operation = Operation.Of<ListUsersRequest, ListUsersResponse, UserSearch, PageTokens>(nameof(ListUsers), Access.Iam,
        () => UsersJson.Default.ListUsersRequest, () => UsersJson.Default.ListUsersResponse, Handle);

    static async Task<ListUsersResponse> Handle(ListUsersRequest request, CognitoCall call, UserSearch users, PageTokens tokens)
    {
        var pool = await call.Pool(request.UserPoolId);
        var filter = UserFilters.Read(request.Filter);
        CheckNames(pool, request.AttributesToGet);
        var listing = $"{nameof(ListUsers)}/{pool.Id}/{filter}";
        var size = PageTokens.Size(request.Limit);
        var after = tokens.Open(listing, request.PaginationToken) ?? "";
        var read = await users.List(pool.Id, filter, pool.CaseSensitive, after, size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, found => found.Key);
        return new([.. page.Select(found => UserDescription.Of(found.User, Shown(found.User, request.AttributesToGet)))], next);
    }

    static void CheckNames(UserPool pool, IReadOnlyList<string>? names)
    {
        if (names?.Any(name => pool.Attribute(name) is null) == true)
            throw CognitoException.InvalidParameter("One or more requested attributes do not exist.");
    }

    static IReadOnlyList<AttributeType> Shown(User user, IReadOnlyList<string>? names) => names is not { Count: > 0 }
        ? AttributeType.Of(user)
        : [.. names.Distinct(StringComparer.Ordinal).Where(name => user.Attribute(name) is not null).Select(name => new AttributeType(name, user.Attribute(name)))];
}
