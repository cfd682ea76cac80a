using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.SignIn;

/// <summary>A user who has proven the password.</summary>
/// <param name="User">The user.</param>
/// <param name="MustChangePassword">Whether it was a temporary one: no token before a new one is set.</param>
public sealed record PasswordProven(User User, bool MustChangePassword);

/// <summary>
/// Sign-in by password, for the JSON API and the hosted pages. Nothing about the account shows before the password is
/// proven, and a user who does not exist costs the same work.
/// </summary>
public sealed class PasswordSignIn(Accounts accounts, CredentialFactory credentials, PasswordThrottle throttle, Audit audit, TimeProvider time)
{
    /// <summary>Checks a password and then the state of the account.</summary>
    public async Task<PasswordProven> SignIn(
        UserPool pool, AppClient client, string username, string password, IPAddress? address, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        try
        {
            var attempt = new PasswordAttempt(pool.Id, user?.Sub ?? username, password, address);
            if (!await throttle.Evaluate(attempt, () => credentials.Verify(user, password, cancel), cancel))
                throw new RefusedException(user is null && !accounts.Hides(client) ? Refusal.UserNotFound : Refusal.WrongPassword);
            return Admit(pool, user!);
        }
        catch (RefusedException refused)
        {
            audit.SignInRefused(refused.Reason, pool.Id, client.Id, user?.Sub);
            throw;
        }
    }

    PasswordProven Admit(UserPool pool, User user)
    {
        // Letting a password alone in where the pool demands a second factor would be worse than letting nobody in.
        if (pool.MfaConfiguration == "ON") throw new RefusedException(Refusal.MfaNotBuilt);
        if (!user.Enabled) throw new RefusedException(Refusal.UserDisabled);
        return user.Status switch
        {
            UserStatus.Unconfirmed => throw new RefusedException(Refusal.UserNotConfirmed),
            UserStatus.ResetRequired => throw new RefusedException(Refusal.PasswordResetRequired),
            UserStatus.ForceChangePassword when user.PasswordEndsAt <= time.UnixMs() => throw new RefusedException(Refusal.TemporaryPasswordExpired),
            UserStatus.ForceChangePassword => new(user, true),
            _ => new(user, false),
        };
    }
}
