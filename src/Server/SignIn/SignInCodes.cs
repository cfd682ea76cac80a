using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Sends the codes of SMS_MFA, EMAIL_OTP and SMS_OTP. A code belongs to its challenge: it is good there and nowhere else.</summary>
public sealed class SignInCodes(Database database, Challenges challenges, ThrottleStore throttles, Nobody nobody, Postbox postbox)
{
    // Each costs somebody a message; who needs more than these in an hour is not signing in.
    const int SentPerHour = 20;

    /// <summary>Sends a code and asks for it; user null means that there is none and it must not show.</summary>
    /// <param name="attempt">The call.</param>
    /// <param name="user">The user, or null.</param>
    /// <param name="challenge">The challenge's name.</param>
    /// <param name="progress">How far the sign-in has come.</param>
    /// <param name="first">Whether it is the first factor.</param>
    /// <param name="cancel">Cancels what comes before the write.</param>
    /// <param name="address">Where to, if it is not an attribute of the user's yet.</param>
    public async Task<SignInStep> Send(
        SignInAttempt attempt, User? user, string challenge, Progress progress, bool first, CancellationToken cancel, string? address = null)
    {
        var pool = attempt.Pool;
        var attribute = Factor.Channel(challenge)!;
        postbox.MustBeOpen(pool);
        var to = user is null ? nobody.Destination(pool, progress.Username, attribute) : new Destination(attribute, address ?? user.Attribute(attribute)!);
        var code = Ids.Code();
        var sent = new ChallengeCode(user is null ? "" : code, attribute, first, address);
        var letter = user is null ? null : await postbox.Write(new(MessageKind.Authentication, pool, attempt.Client.Id, user, to, attempt.Metadata), cancel);
        var session = await database.Write(async tx =>
        {
            if (!await throttles.Take(tx, $"sign-in-codes/{pool.Id}/{user?.Sub ?? Folding.Fold(progress.Username)}", SentPerHour, TimeSpan.FromHours(1))) return null;
            await (letter is not null
                ? postbox.Post(tx, letter, code, attempt.Client.AuthSessionLifetime)
                : postbox.Pretend(tx, MessageKind.Authentication, pool, progress.Username, to));
            return await challenges.Give(tx, attempt, user, challenge, progress.Onward() with { Code = sent });
        });
        if (session is null) throw new RefusedException(Refusal.CodeRequestsExceeded);
        return new SignInStep.Asked(challenge, session, new Dictionary<string, string>
        {
            ["CODE_DELIVERY_DELIVERY_MEDIUM"] = to.Medium, ["CODE_DELIVERY_DESTINATION"] = to.Masked,
        });
    }
}
