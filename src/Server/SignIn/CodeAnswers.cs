using System.Text;
using System.Security.Cryptography;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// The answers to SMS_MFA, EMAIL_OTP, SMS_OTP and SOFTWARE_TOKEN_MFA. Every try is counted in the transaction that judges it:
/// five at a challenge, and wrong ones lock the account as wrong passwords do.
/// </summary>
public sealed class CodeAnswers(
    Database database, Challenges challenges, ChallengeStore store, FactorStore factors, ThrottleStore throttles, NextStep next, CustomSignIn custom)
{
    /// <summary>Takes a code.</summary>
    public async Task<SignInStep> Take(SignInAttempt attempt, string name, string? session, string? username, string code, CancellationToken cancel)
    {
        var pool = attempt.Pool;
        var challenge = await challenges.Open(attempt, session, username, [name], cancel);
        var account = $"second-factor/{pool.Id}/{challenge.User?.Sub ?? Folding.Fold(challenge.Progress.Username)}";
        if (await throttles.IsLocked(account, cancel)) throw new RefusedException(Refusal.LockedOut);
        var judge = name == Factor.Totp ? await OfApp(attempt, challenge, code, cancel) : Sent(challenge, code);

        var refused = await database.Write(async tx =>
        {
            if (!await store.Try(tx, challenge.Handle)) return Refusal.ChallengeSpent;
            if (await judge(tx) is { } wrong)
            {
                await throttles.Fail(tx, account);
                return wrong;
            }
            await throttles.Clear(tx, account);
            if (!await store.Spend(tx, challenge.Handle)) return Refusal.ChallengeSpent;
            return challenge.Progress.Code is { } sent ? await Verify(tx, attempt, challenge.User!, sent) : (Refusal?)null;
        });
        if (refused is { } reason) throw new RefusedException(reason, name);
        return await Go(attempt, challenge, cancel);
    }

    async Task<SignInStep> Go(SignInAttempt attempt, OpenChallenge challenge, CancellationToken cancel)
    {
        var (progress, user) = (challenge.Progress, await challenges.Reread(attempt, challenge, cancel));
        if (progress.Rounds is not null) return await custom.Continue(attempt, user, progress.With(challenge.Name, result: true), cancel);
        return progress.Code is { First: true }
            ? await next.AfterFirstFactor(attempt, user, progress.Onward(), cancel)
            : await next.Done(attempt, user, progress.Onward() with { SecondFactorShown = true }, cancel);
    }

    // A code that only seemed to be sent is empty, and nothing that a client can send is.
    static Func<Tx, Task<Refusal?>> Sent(OpenChallenge challenge, string code)
    {
        var right = challenge is { User: not null, Progress.Code: { Code.Length: > 0 } sent }
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent.Code), Encoding.UTF8.GetBytes(code));
        return _ => Task.FromResult(right ? (Refusal?)null : Refusal.CodeMismatch);
    }

    async Task<Func<Tx, Task<Refusal?>>> OfApp(SignInAttempt attempt, OpenChallenge challenge, string code, CancellationToken cancel)
    {
        var (pool, sub) = (attempt.Pool.Id, challenge.User!.Sub);
        var secret = await factors.Secret(pool, sub, unverified: false, cancel) ?? throw new RefusedException(Refusal.SoftwareTokenMissing);
        var step = Totp.StepOf(secret, code, database.Now);
        return async tx => step is not { } shown ? Refusal.CodeMismatch : await FactorStore.Spend(tx, pool, sub, shown) ? null : Refusal.CodeUsed;
    }

    /// <summary>A right code proves the address that it went to, and confirms a user who has signed up and not more.</summary>
    static async Task<Refusal?> Verify(Tx tx, SignInAttempt attempt, User user, ChallengeCode sent)
    {
        if (await UserStore.Lock(tx, user.PoolId, user.Sub) is not { } now) return Refusal.ChallengeInvalid;
        var confirms = sent.First && now.Status == UserStatus.Unconfirmed;
        if (sent.Address is null && now.Verified(sent.Attribute) && !confirms) return null;
        // What was proven is where the code went: an address that was changed in the meantime is another.
        var address = sent.Address ?? user.Attribute(sent.Attribute);
        if (sent.Address is null && now.Attribute(sent.Attribute) != address) return Refusal.ChallengeInvalid;
        var attributes = new Dictionary<string, string>(now.Attributes, StringComparer.Ordinal) { [sent.Attribute] = address!, [sent.Attribute + "_verified"] = "true" };
        var changed = now with { Attributes = attributes, Status = confirms ? UserStatus.Confirmed : now.Status, ModifiedAt = tx.Now };
        if (await UserStore.Update(tx, changed, Aliases.Of(attempt.Pool, changed), takeAliases: false) != UserWrite.Done) return Refusal.AliasExists;
        if (sent.Address is not null) await FactorStore.Set(tx, user.PoolId, user.Sub, await FactorStore.Get(tx, user.PoolId, user.Sub) with { Email = true });
        return null;
    }
}
