using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What AddCustomAttributes takes.</summary>
public sealed record AddCustomAttributesRequest([PoolId] string UserPoolId, [Length(1, 25)] IReadOnlyList<SchemaAttribute> CustomAttributes);

/// <summary>Adds custom attributes to a pool's schema, where they stay for good.</summary>
static class AddCustomAttributes
{
    public static readonly Operation Operation = Operation.Of(nameof(AddCustomAttributes), Access.Iam,
        () => PoolsJson.Default.AddCustomAttributesRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AddCustomAttributesRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        SchemaRules.Added(pool.Schema, request.CustomAttributes);
        var refused = await call.Database.Write(async tx =>
        {
            // Under the lock once more: what another call added meanwhile counts too.
            if (await PoolStore.Lock(tx, pool.Id) is not { } held) return new RefusedException(Refusal.PoolNotFound, pool.Id);
            try
            {
                await PoolStore.ReplaceSchema(tx, held.Id, SchemaRules.Added(held.Schema, request.CustomAttributes));
                return (Exception?)null;
            }
            catch (CognitoException e)
            {
                return e;
            }
        });
        return refused is null ? Nothing.Value : throw refused;
    }
}
