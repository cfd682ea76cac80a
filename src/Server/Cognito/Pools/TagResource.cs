using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What TagResource takes.</summary>
public sealed record TagResourceRequest(
    [Arn] string ResourceArn, [Length(1, 128, On = Part.Keys), Length(0, 256, On = Part.Each)] IReadOnlyDictionary<string, string> Tags);

/// <summary>Adds tags to a pool, or gives them new values; those of our own are switches of the pool.</summary>
static class TagResource
{
    public static readonly Operation Operation = Operation.Of(nameof(TagResource), Access.Iam,
        () => PoolsJson.Default.TagResourceRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(TagResourceRequest request, CognitoCall call)
    {
        var pool = await Find(call, request.ResourceArn);
        PoolRules.CheckTags(request.Tags);
        await Change(call, pool, tags =>
        {
            foreach (var (key, value) in request.Tags) tags[key] = value;
        });
        return Nothing.Value;
    }

    /// <summary>The pool of an ARN, all of which must be right.</summary>
    public static async Task<UserPool> Find(CognitoCall call, string arn)
    {
        var pool = await call.Pool(UserPool.IdOf(arn));
        return pool.Arn == arn ? pool : throw CognitoException.NotFound($"Resource {arn} does not exist.");
    }

    /// <summary>Changes the tags of a pool, whatever else is changed at the same time.</summary>
    public static async Task Change(CognitoCall call, UserPool pool, Action<Dictionary<string, string>> change)
    {
        var changed = await call.Database.Write(async tx =>
        {
            if (await PoolStore.Lock(tx, pool.Id) is not { } now) return false;
            var tags = new Dictionary<string, string>(now.Settings.UserPoolTags ?? new Dictionary<string, string>(), StringComparer.Ordinal);
            change(tags);
            return await PoolStore.Replace(tx, pool.Id, null, now.Settings with { UserPoolTags = tags.Count == 0 ? null : tags });
        });
        if (!changed) throw new RefusedException(Refusal.PoolNotFound, pool.Id);
    }
}
