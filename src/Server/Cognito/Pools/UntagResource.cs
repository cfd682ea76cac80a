using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What UntagResource takes.</summary>
public sealed record UntagResourceRequest([Arn] string ResourceArn, [Length(1, 128, On = Part.Each)] IReadOnlyList<string> TagKeys);

/// <summary>Takes tags from a pool; a switch whose tag is gone is at its default.</summary>
static class UntagResource
{
    public static readonly Operation Operation = Operation.Of(nameof(UntagResource), Access.Iam,
        () => PoolsJson.Default.UntagResourceRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(UntagResourceRequest request, CognitoCall call)
    {
        await TagResource.Change(call, await TagResource.Find(call, request.ResourceArn), tags =>
        {
            foreach (var key in request.TagKeys) tags.Remove(key);
        });
        return Nothing.Value;
    }
}
