using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A forgotten password: a code to a verified channel, and a new password against it.</summary>
public sealed class ForgottenPassword(
    Database database, Accounts accounts, UserMigration migration, Passwords passwords, Codes codes, Postbox postbox, PoolTriggers triggers)
{
    /// <summary>Sends the code. Where a client must not learn who exists, everybody seems to get one.</summary>
    public async Task<Destination> Start(
        UserPool pool, AppClient client, string username, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel) ?? await migration.Bring(pool, client, username, password: null, null, metadata, cancel);
        var to = user is null ? null : await codes.OfReset(pool, user, cancel);
        var obstacle = Obstacle(user, to);
        if (obstacle is { } reason && !accounts.Hides(client)) throw new RefusedException(reason);
        postbox.MustBeOpen(pool);
        if (obstacle is not null) return await codes.Pretend(CodePurpose.PasswordReset, pool, username);
        var letter = await postbox.Write(new(MessageKind.ForgotPassword, pool, client.Id, user!, to!, metadata), cancel);
        await codes.Send(letter);
        return to!;
    }

    /// <summary>Sets the new password against the code. The work is the same for a user who does not exist.</summary>
    public async Task<User> Finish(UserPool pool, AppClient client, string username, string code, string password,
        IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        var made = await passwords.Make(pool, user?.Sub ?? "", user?.Username ?? username, password, cancel);
        if (accounts.Hides(client) && Obstacle(user, user is null ? null : await codes.OfReset(pool, user, cancel)) is not null)
            throw new RefusedException(await database.Write(tx => codes.TryPretended(tx, pool, username, CodePurpose.PasswordReset, code)));
        if (user is null) throw new RefusedException(Refusal.UserNotFound);
        if (user.Status == UserStatus.Unconfirmed) throw new RefusedException(accounts.Hides(client) ? Refusal.CodeExpired : Refusal.UserNotConfirmed);

        // The code is proven first and spent last: without it nobody learns which passwords were used before, and a refusal leaves it as it was.
        if (await database.Write(tx => Prove(tx, pool, user, code)) is { } wrong) throw new RefusedException(wrong);
        await passwords.MustBeNew(pool, user, password, cancel);
        if (await database.Write(tx => Store(tx, pool, user, code, made)) is { } reason) throw new RefusedException(reason);
        user = await accounts.Get(pool, user.Sub, CancellationToken.None);
        await triggers.PostConfirmation(TriggerSubject.Of(pool, client.Id, user), ofForgottenPassword: true, metadata);
        return user;
    }

    /// <summary>Takes a user's password away, for an administrator: the next one is set against a code, which goes out now.</summary>
    public async Task Require(UserPool pool, User user, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        if (user.Status == UserStatus.Unconfirmed) throw new RefusedException(Refusal.PasswordNotResettable);
        var to = await codes.OfReset(pool, user, cancel);
        if (Obstacle(user, to) is { } obstacle) throw new RefusedException(obstacle);
        var letter = await postbox.Write(new(MessageKind.ForgotPassword, pool, null, user, to!, metadata), cancel);
        var refused = await database.Write<Refusal?>(async tx =>
        {
            if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now) return Refusal.UserNotFound;
            if (await codes.Send(tx, letter) is { } unsent) return unsent;
            var changed = now with { Status = UserStatus.ResetRequired, PasswordEndsAt = null, ModifiedAt = tx.Now };
            await UserStore.Update(tx, changed, Aliases.Of(pool, changed), takeAliases: false);
            if (PoolOptions.Of(pool).RevokeOnPasswordChange) await SessionStore.EndUser(tx, pool.Id, user.Sub, SessionEnd.PasswordChanged);
            return null;
        });
        if (refused is { } reason) throw new RefusedException(reason);
    }

    async Task<Refusal?> Prove(Tx tx, UserPool pool, User user, string code) =>
        await UserStore.Lock(tx, pool.Id, user.Sub) is { } now ? await codes.Prove(tx, pool, now, CodePurpose.PasswordReset, code) : Refusal.UserNotFound;

    async Task<Refusal?> Store(Tx tx, UserPool pool, User user, string code, Credentials made)
    {
        if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now) return Refusal.UserNotFound;
        if ((await codes.Try(tx, pool, now, CodePurpose.PasswordReset, code)).Refused is { } wrong) return wrong;
        return await passwords.Store(tx, pool, now, made) == UserWrite.Done ? null : Refusal.UserNotFound;
    }

    static Refusal? Obstacle(User? user, Destination? to) => user switch
    {
        null => Refusal.UserNotFound,
        { Enabled: false } => Refusal.UserDisabled,
        { Status: UserStatus.ForceChangePassword or UserStatus.ExternalProvider } => Refusal.PasswordNotResettable,
        _ => to is null ? Refusal.NoVerifiedChannel : null,
    };
}
