using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;

namespace Poolhouse.Server.SignIn;

/// <summary>The trigger before every first factor.</summary>
static class SignInTriggers
{
    /// <summary>Asks the pre-authentication trigger. Of somebody who does not exist it hears only where that must not show.</summary>
    public static Task BeforeSignIn(this PoolTriggers triggers, SignInAttempt attempt, User? user, string typed, bool hides, CancellationToken cancel) =>
        user is not null ? triggers.PreAuthentication(TriggerSubject.Of(attempt.Pool, attempt.Client.Id, user), attempt.ValidationData, userNotFound: false, cancel)
        : hides ? triggers.PreAuthentication(TriggerSubject.Nobody(attempt.Pool, attempt.Client.Id, typed), attempt.ValidationData, userNotFound: true, cancel)
        : Task.CompletedTask;
}
