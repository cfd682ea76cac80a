using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;

namespace Poolhouse.Server.SignIn;

/// <summary>The beginning of every sign-in that does not give the password at once: who it is, and whether the pool's function lets them try.</summary>
public sealed class SignInStart(Accounts accounts, PoolTriggers triggers)
{
    /// <summary>Finds the user. Null where there is none and that must not show: then everything goes on as if there were one, and cannot succeed.</summary>
    public async Task<User?> Find(SignInAttempt attempt, string username, CancellationToken cancel)
    {
        var user = await accounts.Find(attempt.Pool, username, cancel);
        if (user is null && !accounts.Hides(attempt.Client)) throw new RefusedException(Refusal.UserNotFound);
        await Ask(attempt, user, username, cancel);
        return user;
    }

    /// <summary>Asks the pool's function about somebody who is known already.</summary>
    public Task Ask(SignInAttempt attempt, User? user, string username, CancellationToken cancel) =>
        triggers.BeforeSignIn(attempt, user, username, hides: true, cancel);
}

/// <summary>The trigger before every first factor.</summary>
static class SignInTriggers
{
    /// <summary>Asks the pre-authentication trigger. Of somebody who does not exist it hears only where that must not show.</summary>
    public static Task BeforeSignIn(this PoolTriggers triggers, SignInAttempt attempt, User? user, string typed, bool hides, CancellationToken cancel) =>
        user is not null ? triggers.PreAuthentication(TriggerSubject.Of(attempt.Pool, attempt.Client.Id, user), attempt.ValidationData, userNotFound: false, cancel)
        : hides ? triggers.PreAuthentication(TriggerSubject.Nobody(attempt.Pool, attempt.Client.Id, typed), attempt.ValidationData, userNotFound: true, cancel)
        : Task.CompletedTask;
}
