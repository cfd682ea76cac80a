using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What UpdateUserPool takes: every setting that can change; what is left out returns to its default.</summary>
public sealed record UpdateUserPoolRequest([PoolId] string UserPoolId, [DisplayName] string? PoolName = null) : PoolSettings;

/// <summary>Replaces the settings of a pool; schema, aliases and user name rules stay as they were made.</summary>
static class UpdateUserPool
{
    public static readonly Operation Operation = Operation.Of(nameof(UpdateUserPool), Access.Iam,
        () => PoolsJson.Default.UpdateUserPoolRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(UpdateUserPoolRequest request, CognitoCall call)
    {
        var pool = await call.Pool(request.UserPoolId);
        PoolRules.Check(request, pool.Mfa);
        var settings = new PoolDefinition(request)
        {
            AliasAttributes = pool.Settings.AliasAttributes,
            UsernameAttributes = pool.Settings.UsernameAttributes,
            UsernameConfiguration = pool.Settings.UsernameConfiguration,
        };
        return await call.Database.Write(tx => PoolStore.Replace(tx, pool.Id, request.PoolName, settings))
            ? Nothing.Value
            : throw new RefusedException(Refusal.PoolNotFound, pool.Id);
    }
}
