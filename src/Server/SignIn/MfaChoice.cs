using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>SELECT_MFA_TYPE and MFA_SETUP: which second factor it shall be, and setting up the first one in the middle of a sign-in.</summary>
public sealed class MfaChoice(
    Database database, Challenges challenges, ChallengeStore store, FactorStore factors, SecondFactors secondFactors, SignInCodes codes, NextStep next)
{
    /// <summary>Takes the choice of SELECT_MFA_TYPE; the API's documents call e-mail by two names.</summary>
    public async Task<SignInStep> Select(SignInAttempt attempt, string? session, string? username, string choice, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, username, [SecondFactors.Select], cancel);
        var factor = choice == "EMAIL_MFA" ? Factor.Email : choice;
        if (challenge.Progress.Choices?.Contains(factor) != true) throw new RefusedException(Refusal.FactorNotOffered, choice);
        await challenges.Spend(challenge);
        return await secondFactors.Give(attempt, challenge.User!, factor, challenge.Progress, cancel);
    }

    /// <summary>Hands out a secret for the authenticator app that is being set up, and the challenge that goes on from here.</summary>
    public async Task<(byte[] Secret, string Session)> Associate(SignInAttempt attempt, string session, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, null, [SecondFactors.Setup], cancel);
        MustBeOffered(challenge, Factor.Totp);
        await challenges.Spend(challenge);
        var secret = Totp.NewSecret();
        var progress = challenge.Progress with { SoftwareToken = secret, SoftwareTokenVerified = false };
        return (secret, await database.Write(tx => challenges.Give(tx, attempt, challenge.User, SecondFactors.Setup, progress)));
    }

    /// <summary>The secret that was handed out and has not shown a code yet, for a page that shows it again.</summary>
    public async Task<byte[]?> Secret(SignInAttempt attempt, string? session, CancellationToken cancel) =>
        (await challenges.Open(attempt, session, null, [SecondFactors.Setup], cancel)).Progress.SoftwareToken;

    /// <summary>Takes the first code of the app that is being set up. A wrong one leaves the challenge as it was.</summary>
    public async Task<string> Verify(SignInAttempt attempt, string session, string code, string? name, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, null, [SecondFactors.Setup], cancel);
        var secret = challenge.Progress.SoftwareToken ?? throw new RefusedException(Refusal.SoftwareTokenMissing);
        var step = Totp.StepOf(secret, code, database.Now);
        var (refused, given) = await database.Write<(Refusal?, string)>(async tx =>
        {
            if (!await store.Try(tx, challenge.Handle)) return (Refusal.ChallengeSpent, "");
            if (step is not { } shown) return (Refusal.SoftwareTokenMismatch, "");
            if (!await store.Spend(tx, challenge.Handle)) return (Refusal.ChallengeSpent, "");
            await factors.Verify(tx, attempt.Pool.Id, challenge.User!.Sub, secret, name, shown);
            return (null, await challenges.Give(
                tx, attempt, challenge.User, SecondFactors.Setup, challenge.Progress with { SoftwareToken = null, SoftwareTokenVerified = true }));
        });
        return refused is { } reason ? throw new RefusedException(reason) : given;
    }

    /// <summary>Ends MFA_SETUP: the app has shown its code, and tokens follow at once; or an e-mail address is given, and a code goes there.</summary>
    public async Task<SignInStep> Finish(SignInAttempt attempt, string? session, string? username, string? email, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, username, [SecondFactors.Setup], cancel);
        var (user, progress) = (challenge.User!, challenge.Progress);
        if (progress.SoftwareTokenVerified)
        {
            await challenges.Spend(challenge);
            return await next.Done(attempt, user, progress.Onward() with { SecondFactorShown = true }, cancel);
        }
        if (email is null) throw new RefusedException(Refusal.SoftwareTokenMissing);
        MustBeOffered(challenge, Factor.Email);
        AttributeRules.CheckSchema(attempt.Pool, new Dictionary<string, string> { ["email"] = email }, user);
        await challenges.Spend(challenge);
        return await codes.Send(attempt, user, Factor.Email, progress, first: false, cancel, address: email);
    }

    static void MustBeOffered(OpenChallenge challenge, string factor)
    {
        if (challenge.User is null || challenge.Progress.Choices?.Contains(factor) != true) throw new RefusedException(Refusal.FactorNotOffered, factor);
    }
}
