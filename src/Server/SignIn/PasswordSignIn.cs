using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.Http;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// Sign-in by password, for the JSON API and the hosted pages. Nothing about the account shows before the password is
/// proven, and a user who does not exist costs the same work.
/// </summary>
public sealed class PasswordSignIn(
    Accounts accounts, CredentialFactory credentials, PasswordThrottle throttle, UserMigration migration, NextStep next, PoolTriggers triggers, Audit audit)
{
    /// <summary>Finds the user, checks the password and tells what comes next.</summary>
    public async Task<SignInStep> SignIn(SignInAttempt attempt, string username, string password, string? deviceKey, CancellationToken cancel)
    {
        var user = await accounts.Find(attempt.Pool, username, cancel);
        // Who may come over from another directory is not unknown yet.
        if (user is not null || attempt.Pool.Settings.LambdaConfig?.UserMigration is null) await triggers.BeforeSignIn(attempt, user, username, accounts.Hides(attempt.Client), cancel);
        return await Prove(attempt, user, password, new(username) { DeviceKey = deviceKey }, cancel);
    }

    /// <summary>Checks the password of a user, or of nobody, and tells what comes next.</summary>
    public async Task<SignInStep> Prove(SignInAttempt attempt, User? user, string password, Progress progress, CancellationToken cancel)
    {
        using var span = Telemetry.Traces.StartActivity("password");
        var (pool, client) = (attempt.Pool, attempt.Client);
        User? migrated = null;
        try
        {
            var guess = new PasswordAttempt(pool.Id, user?.Sub ?? progress.Username, password, attempt.Address);
            if (!await throttle.Evaluate(guess, Verify, cancel))
                throw new RefusedException(user is null && !accounts.Hides(client) ? Refusal.UserNotFound : Refusal.WrongPassword);
            if (migrated is not null) await triggers.BeforeSignIn(attempt, migrated, progress.Username, hides: true, cancel);
            return await next.AfterFirstFactor(attempt, user ?? migrated!, progress with { PasswordProven = true }, cancel);
        }
        catch (RefusedException refused)
        {
            audit.SignInRefused(refused.Reason, pool.Id, client.Id, user?.Sub ?? migrated?.Sub);
            throw;
        }

        async Task<bool> Verify()
        {
            if (user is null) migrated = await migration.Bring(pool, client, progress.Username, password, attempt.ValidationData, null, cancel);
            return migrated is not null || await credentials.Verify(user, password, cancel);
        }
    }
}
