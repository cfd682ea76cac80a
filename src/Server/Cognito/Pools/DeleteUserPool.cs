using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What DeleteUserPool takes.</summary>
public sealed record DeleteUserPoolRequest([PoolId] string UserPoolId);

/// <summary>Deletes a pool with all that it holds and ends its sessions.</summary>
static class DeleteUserPool
{
    public static readonly Operation Operation = Operation.Of<DeleteUserPoolRequest, DomainStore, Audit>(nameof(DeleteUserPool), Access.Iam,
        () => PoolsJson.Default.DeleteUserPoolRequest, Handle);

    static async Task Handle(DeleteUserPoolRequest request, CognitoCall call, DomainStore domains, Audit audit)
    {
        var pool = await call.Pool(request.UserPoolId);
        if ((await domains.OfPool(pool.Id, call.Cancel)).Count > 0)
            throw CognitoException.InvalidParameter("User pool cannot be deleted. It has a domain configured that should be deleted first.");
        if (await call.Database.WriteEvenIfFull(tx => Delete(tx, pool.Id)) is { } refused) throw refused;
        audit.AllSessionsEnded(pool.Id, null, SessionEnd.PoolDeleted);
    }

    static async Task<Exception?> Delete(Tx tx, string poolId)
    {
        if (await PoolStore.Lock(tx, poolId) is not { } pool) return new RefusedException(Refusal.PoolNotFound, poolId);
        // As it stands now: what another node keeps in memory may be older than the protection.
        if (pool.IsProtected)
            return CognitoException.InvalidParameter("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.");
        await PoolStore.Delete(tx, poolId);
        await ClientStore.DeleteAll(tx, poolId);
        await SessionStore.EndPool(tx, poolId);
        return null;
    }
}
