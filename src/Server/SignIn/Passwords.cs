using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Setting passwords: every way to a new password makes and stores it here.</summary>
public sealed class Passwords(CredentialFactory credentials, PasswordHistoryStore history, ThrottleStore throttles)
{
    /// <summary>Checks a password against the pool's policy and makes what is stored of it. Slow on purpose; never inside a transaction.</summary>
    public Task<Credentials> Make(UserPool pool, string sub, string username, string password, CancellationToken cancel)
    {
        PasswordRules.Check(pool.PasswordPolicy, password);
        return credentials.Create(pool.Id, sub, username, password, srp: !PoolOptions.Of(pool).NoSrp, cancel);
    }

    /// <summary>The same for a user who has proven the right to another one, which must not be one that they had before.</summary>
    public async Task<Credentials> MakeAnother(UserPool pool, User user, string password, CancellationToken cancel)
    {
        PasswordRules.Check(pool.PasswordPolicy, password);
        await MustBeNew(pool, user, password, cancel);
        return await Make(pool, user.Sub, user.Username, password, cancel);
    }

    /// <summary>
    /// Refuses a password that the user has, or had before, where the pool remembers them. Only who has proven the right to
    /// set one may ask: to anybody else the answer would tell passwords. As slow as so many sign-ins.
    /// </summary>
    public async Task MustBeNew(UserPool pool, User user, string password, CancellationToken cancel)
    {
        if (pool.PasswordHistorySize == 0) return;
        var former = await history.Last(pool.Id, user.Sub, pool.PasswordHistorySize, cancel);
        foreach (var hash in user.Credentials is { } current ? [current.Hash, .. former] : former)
            if (await credentials.Verify(hash, password, cancel)) throw new RefusedException(Refusal.PasswordUsedBefore);
    }

    /// <summary>
    /// Stores a permanent password of a user whose row is locked, confirms the user, and forgets the failures that were
    /// counted. Sessions live on, as Cognito's do, unless the pool says otherwise.
    /// </summary>
    public Task<UserWrite> Store(Tx tx, UserPool pool, User user, Credentials made) =>
        Replace(tx, pool, user, user with { Credentials = made, Status = UserStatus.Confirmed, PasswordEndsAt = null });

    /// <summary>Stores a temporary password of a user whose row is locked: whoever signs in with it must choose another.</summary>
    public Task<UserWrite> StoreTemporary(Tx tx, UserPool pool, User user, Credentials made) => Replace(tx, pool, user, user with
    {
        Credentials = made, Status = UserStatus.ForceChangePassword, PasswordEndsAt = tx.Now + pool.TemporaryPasswordLifetime.Ms(),
    });

    async Task<UserWrite> Replace(Tx tx, UserPool pool, User before, User user)
    {
        var changed = user with { ModifiedAt = tx.Now };
        var written = await UserStore.Update(tx, changed, Aliases.Of(pool, changed), takeAliases: false);
        if (written != UserWrite.Done) return written;
        if (before.Credentials is { } replaced) await PasswordHistoryStore.Add(tx, pool.Id, user.Sub, replaced.Hash, pool.PasswordHistorySize);
        await throttles.Clear(tx, new PasswordAttempt(pool.Id, user.Sub, null, null).Account);
        if (PoolOptions.Of(pool).RevokeOnPasswordChange) await SessionStore.EndUser(tx, pool.Id, user.Sub, SessionEnd.PasswordChanged);
        return written;
    }
}
