using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;
using Poolhouse.Tokens;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// Everything that ends sessions on purpose. Each marks the sessions and appends to the revocation feed in one
/// transaction, which is durable before the caller hears of it; a full disk does not stand in its way.
/// </summary>
public sealed class EndSessions(Database database, SessionStore sessions, RefreshTokens refreshTokens, Audit audit)
{
    /// <summary>
    /// Revokes a refresh token, whatever its generation, and with it its session. A token that is not one of ours, or whose
    /// session has ended, is nothing to complain about (RFC 7009 §2.2); another client's is refused.
    /// </summary>
    public async Task Revoke(AppClient client, string token, CancellationToken cancel)
    {
        if (!client.RevocationEnabled) throw new RefusedException(Refusal.RevocationDisabled);
        if (Jwt.TryRead(token, out _)) throw new RefusedException(Refusal.TokenKindUnsupported);
        if (!RefreshTokens.TryRead(token, out var presented)) return;
        var held = await sessions.Find(presented.Family, cancel);
        if (!refreshTokens.IsGenuine(presented, held)) return;
        if (held!.ClientId != client.Id) throw new RefusedException(Refusal.ClientSecretWrong, client.Id);
        if (await database.WriteEvenIfFull(tx => SessionStore.End(tx, held, SessionEnd.Revoked))) audit.SessionEnded(held, SessionEnd.Revoked);
    }

    /// <summary>Ends every session of a user.</summary>
    public async Task Everywhere(User user, SessionEnd reason)
    {
        var ended = await database.WriteEvenIfFull(async tx =>
            await UserStore.Lock(tx, user.PoolId, user.Sub) is null ? 0 : await SessionStore.EndUser(tx, user.PoolId, user.Sub, reason));
        audit.UserSessionsEnded(user.PoolId, user.Sub, ended, reason);
    }

    /// <summary>Disables a user and ends every session; enabling the user again brings none back.</summary>
    public async Task Disable(UserPool pool, User user)
    {
        var ended = await database.WriteEvenIfFull(async tx =>
        {
            if (!await UserStore.SetEnabled(tx, pool.Id, user.Sub, enabled: false)) return 0;
            return await SessionStore.EndUser(tx, pool.Id, user.Sub, SessionEnd.UserDisabled);
        });
        audit.UserSessionsEnded(pool.Id, user.Sub, ended, SessionEnd.UserDisabled);
    }

    /// <summary>Forgets a device and ends the sessions that are bound to it; false if there is no such device.</summary>
    public async Task<bool> OfDevice(User user, string deviceKey)
    {
        var ended = await database.WriteEvenIfFull(async tx =>
        {
            if (await UserStore.Lock(tx, user.PoolId, user.Sub) is null || !await DeviceStore.Forget(tx, user.PoolId, user.Sub, deviceKey)) return -1;
            return await SessionStore.EndDevice(tx, user.PoolId, deviceKey);
        });
        if (ended > 0) audit.UserSessionsEnded(user.PoolId, user.Sub, ended, SessionEnd.DeviceForgotten);
        return ended >= 0;
    }

    /// <summary>Deletes a user and ends every session.</summary>
    public async Task Delete(User user)
    {
        var ended = await database.WriteEvenIfFull(async tx =>
        {
            if (await UserStore.Lock(tx, user.PoolId, user.Sub) is null) return 0;
            var count = await SessionStore.EndUser(tx, user.PoolId, user.Sub, SessionEnd.UserDeleted);
            await UserStore.Delete(tx, user.PoolId, user.Sub);
            return count;
        });
        audit.UserSessionsEnded(user.PoolId, user.Sub, ended, SessionEnd.UserDeleted);
    }
}
