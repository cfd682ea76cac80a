using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>What ListResourceServers takes.</summary>
public sealed record ListResourceServersRequest([PoolId] string UserPoolId, [Range(1, 50)] int? MaxResults = null, [PageToken] string? NextToken = null);

/// <summary>What ListResourceServers gives.</summary>
public sealed record ListResourceServersResponse(IReadOnlyList<ResourceServerDescription> ResourceServers, string? NextToken);

/// <summary>Lists the resource servers of a pool.</summary>
static class ListResourceServers
{
    public static readonly Operation Operation = Operation.Of<ListResourceServersRequest, ListResourceServersResponse, ResourceServerStore, PageTokens>(
        nameof(ListResourceServers), Access.Iam,
        () => ResourceServersJson.Default.ListResourceServersRequest, () => ResourceServersJson.Default.ListResourceServersResponse, Handle);

    static async Task<ListResourceServersResponse> Handle(ListResourceServersRequest request, CognitoCall call, ResourceServerStore servers, PageTokens tokens)
    {
        var pool = await call.Pool(request.UserPoolId);
        var listing = $"{nameof(ListResourceServers)}/{pool.Id}";
        var size = request.MaxResults ?? 50;
        var read = await servers.List(pool.Id, tokens.Open(listing, request.NextToken), size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, server => server.Identifier);
        return new([.. page.Select(ResourceServerDescription.Of)], next);
    }
}
