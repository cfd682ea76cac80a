using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What CreateUserPool takes: the settings, and the schema.</summary>
public sealed record CreateUserPoolRequest(
    [DisplayName] string PoolName,
    [Length(1, 50)] IReadOnlyList<SchemaAttribute>? Schema = null) : PoolDefinition;

/// <summary>Makes a pool in the region of the caller's credentials.</summary>
static class CreateUserPool
{
    public static readonly Operation Operation = Operation.Of(nameof(CreateUserPool), Access.Iam,
        () => PoolsJson.Default.CreateUserPoolRequest, () => PoolsJson.Default.UserPoolResponse, Handle);

    static async Task<UserPoolResponse> Handle(CreateUserPoolRequest request, CognitoCall call)
    {
        PoolRules.Check(request);
        if (request is { AliasAttributes.Count: > 0, UsernameAttributes.Count: > 0 })
            throw CognitoException.InvalidParameter("Only one of aliasAttributes or usernameAttributes can be set in a user pool.");
        var region = call.Preset?.Id is { } id && id.IndexOf('_') is > 0 and var cut ? id[..cut] : call.Caller!.Region;
        var pool = new UserPool(call.Preset?.Id ?? Ids.PoolId(region), request.PoolName, region, request,
            SchemaRules.Merge(StandardSchema.Attributes, request.Schema ?? []), call.Now, call.Now);
        return await call.Database.Write(tx => PoolStore.Create(tx, pool))
            ? UserPoolResponse.Of(pool, [], 0)
            : throw CognitoException.InvalidParameter($"A user pool with the id {pool.Id} exists already.");
    }
}
