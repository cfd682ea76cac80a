using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Codes that go to a user by e-mail or SMS: five an hour, twenty tries a day, five tries each (security.md C7).</summary>
public sealed class Codes(Database database, ConfirmationCodeStore codes, FactorStore factors, ThrottleStore throttles, Postbox postbox, Nobody nobody)
{
    const int SentPerHour = 5;
    const int TriesPerDay = 20;

    static readonly TimeSpan UsualLifetime = TimeSpan.FromHours(24);
    static readonly TimeSpan ResetLifetime = TimeSpan.FromHours(1);

    /// <summary>Makes a code and posts it in a letter; the last code of the same purpose dies. Null, or why not.</summary>
    public async Task<Refusal?> Send(Tx tx, Letter letter)
    {
        var (kind, pool, _, user, to, _) = letter.For;
        var purpose = kind switch
        {
            MessageKind.ForgotPassword => CodePurpose.PasswordReset,
            MessageKind.UpdateUserAttribute or MessageKind.VerifyUserAttribute => ProofOf(to.Attribute),
            _ => CodePurpose.SignUp,
        };
        if (await Issue(tx, purpose, pool, user.Sub, to) is not { } code) return Refusal.CodeRequestsExceeded;
        await postbox.Post(tx, letter, code, Lifetime(purpose));
        return null;
    }

    /// <summary>Makes a code and posts it, in a transaction of its own.</summary>
    /// <exception cref="RefusedException">Too many were asked for.</exception>
    public async Task Send(Letter letter)
    {
        if (await database.Write(tx => Send(tx, letter)) is { } refused) throw new RefusedException(refused);
    }

    /// <summary>
    /// Seems to send a code to a user who cannot have one, where that must not show: with the same quota, the same write and
    /// the same answers to guesses as a real one, but it is posted to nobody.
    /// </summary>
    /// <returns>Where it seems to have gone.</returns>
    /// <exception cref="RefusedException">Too many were asked for.</exception>
    public async Task<Destination> Pretend(CodePurpose purpose, UserPool pool, string typed)
    {
        var (sub, to) = (nobody.Sub(pool, typed), nobody.Destination(pool, typed));
        var sent = await database.Write(async tx =>
        {
            if (await Issue(tx, purpose, pool, sub, to: null) is null) return false;
            await postbox.Pretend(tx, purpose == CodePurpose.PasswordReset ? MessageKind.ForgotPassword : MessageKind.ResendCode, pool, typed, to);
            return true;
        });
        return sent ? to : throw new RefusedException(Refusal.CodeRequestsExceeded);
    }

    /// <summary>Tries a code of a user whose row is locked. Every try is counted, the right one too; where it was sent, or the reason why not.</summary>
    public async Task<(Refusal? Refused, Destination? SentTo)> Try(Tx tx, UserPool pool, User user, CodePurpose purpose, string code)
    {
        var (refused, to) = await Try(tx, pool, user.Sub, purpose, code);
        if (refused is not null) return (refused, null);
        // What was proven is where the code went: an address that was changed in the meantime is another.
        var stands = to is not null && (user.Attribute(to.Attribute) == to.Address || (purpose == ProofOf(to.Attribute) && pool.VerifiesBeforeUpdate(to.Attribute)));
        return stands ? (null, to) : (Refusal.CodeExpired, null);
    }

    /// <summary>Whether a code is right, without spending it: a right one leaves no trace, a wrong one is counted.</summary>
    public async Task<Refusal?> Prove(Tx tx, UserPool pool, User user, CodePurpose purpose, string code)
    {
        Refusal? refused = null;
        await tx.AllOrNothing(async () => (refused = (await Try(tx, pool, user, purpose, code)).Refused) is not null);
        return refused;
    }

    /// <summary>The address or number that takes the place of the user's own when its code is entered, or null if none waits.</summary>
    public async Task<string?> Waiting(UserPool pool, User user, string attribute, CancellationToken cancel) =>
        pool.VerifiesBeforeUpdate(attribute) ? await codes.SentTo(pool.Id, user.Sub, ProofOf(attribute), cancel) : null;

    /// <summary>What a code is for that proves an attribute.</summary>
    public static CodePurpose ProofOf(string attribute) => attribute == "email" ? CodePurpose.Email : CodePurpose.PhoneNumber;

    /// <summary>Tries a code that only seemed to be sent: counted like a real one, and never right.</summary>
    public async Task<Refusal> TryPretended(Tx tx, UserPool pool, string typed, CodePurpose purpose, string code) =>
        (await Try(tx, pool, nobody.Sub(pool, typed), purpose, code)).Refused ?? Refusal.CodeMismatch;

    async Task<(Refusal? Refused, Destination? SentTo)> Try(Tx tx, UserPool pool, string sub, CodePurpose purpose, string code)
    {
        if (!await throttles.Take(tx, $"codes-tried/{pool.Id}/{sub}", TriesPerDay, TimeSpan.FromDays(1))) return (Refusal.CodeAttemptsExceeded, null);
        var (result, to) = await codes.Try(tx, pool.Id, sub, purpose, code);
        return result switch
        {
            CodeTry.Right => (null, to),
            CodeTry.Wrong => (Refusal.CodeMismatch, null),
            _ => (Refusal.CodeExpired, null),
        };
    }

    /// <summary>Where the code of a sign-up goes: to what the pool verifies and the user gave, a phone before an e-mail address.</summary>
    public static Destination? OfSignUp(UserPool pool, User user) =>
        ((string[])["phone_number", "email"]).Where(pool.AutoVerifiedAttributes.Contains).Select(name => To(user, name)).OfType<Destination>().FirstOrDefault();

    /// <summary>
    /// Where the code of a forgotten password goes: to a verified channel, in the pool's order; without one SMS comes before
    /// e-mail. Never to the channel of the preferred second factor: who holds that alone would have both.
    /// </summary>
    public async Task<Destination?> OfReset(UserPool pool, User user, CancellationToken cancel)
    {
        var channels = pool.RecoveryChannels ?? ["verified_phone_number", "verified_email"];
        var second = (await factors.Get(pool.Id, user.Sub, cancel)).Preferred is { } preferred && pool.AllowsFactor(preferred) ? Factor.Channel(preferred) : null;
        return channels.Where(channel => channel.StartsWith("verified_", StringComparison.Ordinal)).Select(channel => channel["verified_".Length..])
            .Where(name => name != second && user.Verified(name)).Select(name => To(user, name)).OfType<Destination>().FirstOrDefault();
    }

    async Task<string?> Issue(Tx tx, CodePurpose purpose, UserPool pool, string sub, Destination? to) =>
        await throttles.Take(tx, $"codes-sent/{pool.Id}/{sub}", SentPerHour, TimeSpan.FromHours(1))
            ? await codes.Issue(tx, pool.Id, sub, purpose, to, Lifetime(purpose)) : null;

    static TimeSpan Lifetime(CodePurpose purpose) => purpose == CodePurpose.PasswordReset ? ResetLifetime : UsualLifetime;

    static Destination? To(User user, string name) => user.Attribute(name) is { Length: > 0 } address ? new(name, address) : null;
}
