using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// The way from a first factor to a session, in the order of auth-flows.md §2, for every flow and surface: the state of the
/// account, a new password in place of a temporary one, a second factor or a remembered device in its place. There is no
/// other way to a session.
/// </summary>
public sealed class NextStep(
    Challenges challenges, SecondFactors secondFactors, DeviceStore devices, PoolTriggers triggers, TimeProvider time)
{
    /// <summary>What follows a first factor.</summary>
    public async Task<SignInStep> AfterFirstFactor(SignInAttempt attempt, User user, Progress progress, CancellationToken cancel)
    {
        Admit(user, progress);
        return user.Status == UserStatus.ForceChangePassword && progress.PasswordProven
            ? await challenges.Give(attempt, user, NewPasswordStep.Name, progress.Onward(), NewPasswordStep.WhatIsNeeded(attempt.Pool, attempt.Client, user))
            : await AfterPassword(attempt, user, progress, cancel);
    }

    /// <summary>What follows the password, the old one or the new.</summary>
    public async Task<SignInStep> AfterPassword(SignInAttempt attempt, User user, Progress progress, CancellationToken cancel)
    {
        var device = progress.DeviceKey is { } key
            ? await devices.Find(attempt.Pool.Id, user.Sub, key, cancel) ?? throw new RefusedException(Refusal.DeviceNotFound) : null;
        if (device is { Remembered: true, Confirmed: true } && attempt.Pool.Settings.DeviceConfiguration?.ChallengeRequiredOnNewDevice == true)
            return await challenges.Give(attempt, user, DeviceSignIn.Start, progress.Onward(), []);
        return await secondFactors.Ask(attempt, user, progress, cancel) ?? await Done(attempt, user, progress, cancel);
    }

    /// <summary>The end: nothing is left to be proven.</summary>
    public async Task<SignInStep> Done(SignInAttempt attempt, User user, Progress progress, CancellationToken cancel)
    {
        if (!user.Enabled) throw new RefusedException(Refusal.UserDisabled);
        var newDevice = attempt.Pool.Settings.DeviceConfiguration is not null && progress.DeviceKey is null;
        await triggers.PostAuthentication(TriggerSubject.Of(attempt.Pool, attempt.Client.Id, user), newDevice, attempt.Metadata, cancel);
        return new SignInStep.Proven(user, progress.Onward());
    }

    void Admit(User user, Progress progress)
    {
        if (!user.Enabled) throw new RefusedException(Refusal.UserDisabled);
        switch (user.Status)
        {
            case UserStatus.Unconfirmed:
                throw new RefusedException(Refusal.UserNotConfirmed);
            case UserStatus.ResetRequired:
                throw new RefusedException(Refusal.PasswordResetRequired);
            case UserStatus.ForceChangePassword when progress.PasswordProven && user.PasswordEndsAt <= time.UnixMs():
                throw new RefusedException(Refusal.TemporaryPasswordExpired);
        }
    }
}
