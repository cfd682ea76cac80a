using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What ListUserPools takes.</summary>
public sealed record ListUserPoolsRequest([Required, Range(1, 60)] int? MaxResults, [PageToken] string? NextToken = null);

/// <summary>What ListUserPools shows of each.</summary>
public sealed record UserPoolSummary(string Id, string Name, LambdaConfig LambdaConfig, double LastModifiedDate, double CreationDate);

/// <summary>What ListUserPools gives.</summary>
public sealed record ListUserPoolsResponse(IReadOnlyList<UserPoolSummary> UserPools, string? NextToken);

/// <summary>Lists the pools made in the region of the caller's credentials.</summary>
static class ListUserPools
{
    public static readonly Operation Operation = Operation.Of<ListUserPoolsRequest, ListUserPoolsResponse, PageTokens>(nameof(ListUserPools), Access.Iam,
        () => PoolsJson.Default.ListUserPoolsRequest, () => PoolsJson.Default.ListUserPoolsResponse, Handle);

    static async Task<ListUserPoolsResponse> Handle(ListUserPoolsRequest request, CognitoCall call, PageTokens tokens)
    {
        var region = call.Caller!.Region;
        var listing = $"{nameof(ListUserPools)}/{region}";
        var size = request.MaxResults!.Value;
        var read = await call.Pools.List(region, tokens.Open(listing, request.NextToken), size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, pool => pool.Id);
        return new([.. page.Select(pool => new UserPoolSummary(pool.Id, pool.Name, pool.Settings.LambdaConfig ?? new(),
            WireTime.Seconds(pool.ModifiedAt), WireTime.Seconds(pool.CreatedAt)))], next);
    }
}
