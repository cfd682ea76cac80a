using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// A user replaces the password. Who has only stolen an access token must not guess the old one faster here than at the
/// sign-in: the same throttle counts.
/// </summary>
public sealed class ChangePassword(Database database, CredentialFactory credentials, PasswordThrottle throttle, Passwords passwords)
{
    /// <summary>Checks the previous password, then stores the proposed one; of a user without a password there is none to check.</summary>
    public async Task Change(CheckedToken token, string? previous, string proposed, IPAddress? address, CancellationToken cancel)
    {
        var (pool, user) = (token.Pool, token.User!);
        var attempt = new PasswordAttempt(pool.Id, user.Sub, previous ?? "", address);
        if ((previous is not null || user.Credentials is not null)
            && !await throttle.Evaluate(attempt, () => credentials.Verify(user, previous ?? "", cancel), cancel))
            throw new RefusedException(Refusal.WrongPassword);

        var made = await passwords.MakeAnother(pool, user, proposed, cancel);
        var refused = await database.Write(async tx =>
        {
            if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now) return Refusal.UserNotFound;
            if (!now.Enabled) return Refusal.UserDisabled;
            // Another password that was set since then, by an administrator say, must not be undone by who knew the old one.
            if (now.Credentials?.Hash != user.Credentials?.Hash) return Refusal.WrongPassword;
            return await passwords.Store(tx, pool, now, made) == UserWrite.Done ? (Refusal?)null : Refusal.UserNotFound;
        });
        if (refused is { } reason) throw new RefusedException(reason);
    }
}
