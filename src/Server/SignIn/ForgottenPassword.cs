using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A forgotten password: a code to a verified channel, and a new password against it.</summary>
public sealed class ForgottenPassword(Database database, Accounts accounts, Passwords passwords, Codes codes, Postbox postbox)
{
    /// <summary>Sends the code. Where a client must not learn who exists, everybody seems to get one.</summary>
    public async Task<Destination> Start(UserPool pool, AppClient client, string username, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        var to = user is null ? null : Codes.OfReset(pool, user);
        var obstacle = Obstacle(user, to);
        if (obstacle is { } reason && !accounts.Hides(client)) throw new RefusedException(reason);
        postbox.MustBeOpen();
        var refused = await database.Write(tx => obstacle is null
            ? codes.Send(tx, MessageKind.ForgotPassword, pool, user!, to!) : codes.Pretend(tx, CodePurpose.PasswordReset, pool, username));
        if (refused is { } limit) throw new RefusedException(limit);
        return obstacle is null ? to! : codes.Pretended(pool, username);
    }

    /// <summary>Sets the new password against the code. The work is the same for a user who does not exist.</summary>
    public async Task<User> Finish(UserPool pool, AppClient client, string username, string code, string password, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        var made = await passwords.Make(pool, user?.Sub ?? "", user?.Username ?? username, password, cancel);
        if (accounts.Hides(client) && Obstacle(user, user is null ? null : Codes.OfReset(pool, user)) is not null)
            throw new RefusedException(await database.Write(tx => codes.TryPretended(tx, pool, username, CodePurpose.PasswordReset, code)));
        if (user is null) throw new RefusedException(Refusal.UserNotFound);
        if (user.Status == UserStatus.Unconfirmed) throw new RefusedException(accounts.Hides(client) ? Refusal.CodeExpired : Refusal.UserNotConfirmed);

        var refused = await database.Write(async tx =>
        {
            if ((await codes.Try(tx, pool, user, CodePurpose.PasswordReset, code)).Refused is { } wrong) return wrong;
            if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now) return Refusal.UserNotFound;
            return await passwords.Store(tx, pool, now, made) == UserWrite.Done ? (Refusal?)null : Refusal.UserNotFound;
        });
        return refused is { } reason ? throw new RefusedException(reason) : user;
    }

    static Refusal? Obstacle(User? user, Destination? to) => user switch
    {
        null => Refusal.UserNotFound,
        { Enabled: false } => Refusal.UserDisabled,
        { Status: UserStatus.ForceChangePassword or UserStatus.ExternalProvider } => Refusal.PasswordNotResettable,
        _ => to is null ? Refusal.NoVerifiedChannel : null,
    };
}
