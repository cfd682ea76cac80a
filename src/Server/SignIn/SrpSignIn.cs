using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.Http;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// Sign-in by SRP-6a: the password never travels. A user who does not exist gets an exchange like any other, with a salt
/// that is the same every time, and the same work; it can only fail (security.md C2, C4, C5).
/// </summary>
public sealed class SrpSignIn(
    Challenges challenges, SignInStart start, SrpOffers offers, PasswordThrottle throttle, NextStep next, CustomSignIn custom, Audit audit)
{
    /// <summary>The first half: the client's public value against ours.</summary>
    public async Task<SignInStep> Begin(SignInAttempt attempt, string username, BigInteger a, string? deviceKey, CancellationToken cancel)
    {
        var user = await start.Find(attempt, username, cancel);
        return await offers.Password(attempt, user, a, new(username) { DeviceKey = deviceKey }, cancel);
    }

    /// <summary>The second half: the client's proof, which has one try.</summary>
    public async Task<SignInStep> Answer(SignInAttempt attempt, string username, SrpClaim claim, string? deviceKey, CancellationToken cancel)
    {
        using var span = Telemetry.Traces.StartActivity("srp");
        var challenge = await challenges.Open(attempt, SrpOffers.Handle(claim), username, [SrpOffers.PasswordChallenge], cancel);
        await challenges.Spend(challenge);
        var (user, progress) = (challenge.User, challenge.Progress with { DeviceKey = deviceKey ?? challenge.Progress.DeviceKey });
        try
        {
            var guess = new PasswordAttempt(attempt.Pool.Id, user?.Sub ?? progress.Username, null, attempt.Address);
            var proven = await throttle.Evaluate(guess, () => offers.Verify(attempt.Pool, user, progress, claim, cancel), cancel);
            if (progress.Rounds is not null)
                return await custom.Continue(attempt, user, progress.With(SrpOffers.PasswordChallenge, proven) with { PasswordProven = proven }, cancel);
            if (!proven) throw new RefusedException(Refusal.WrongPassword);
            return await next.AfterFirstFactor(attempt, user!, progress.Onward() with { PasswordProven = true }, cancel);
        }
        catch (RefusedException refused)
        {
            audit.SignInRefused(refused.Reason, attempt.Pool.Id, attempt.Client.Id, user?.Sub);
            throw;
        }
    }
}
