using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What ListTagsForResource takes.</summary>
public sealed record ListTagsForResourceRequest([Arn] string ResourceArn);

/// <summary>What ListTagsForResource gives.</summary>
public sealed record ListTagsForResourceResponse(IReadOnlyDictionary<string, string> Tags);

/// <summary>Shows the tags of a pool.</summary>
static class ListTagsForResource
{
    public static readonly Operation Operation = Operation.Of(nameof(ListTagsForResource), Access.Iam,
        () => PoolsJson.Default.ListTagsForResourceRequest, () => PoolsJson.Default.ListTagsForResourceResponse, Handle);

    static async Task<ListTagsForResourceResponse> Handle(ListTagsForResourceRequest request, CognitoCall call) =>
        new((await TagResource.Find(call, request.ResourceArn)).Settings.UserPoolTags ?? new Dictionary<string, string>());
}
