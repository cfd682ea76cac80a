using System.Numerics;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device proves itself in place of a second factor.</summary>
public sealed class DeviceSignIn(
    Database database, Challenges challenges, DeviceStore devices, SrpOffers offers, PasswordThrottle throttle, NextStep next, CustomSignIn custom)
{
    /// <summary>The challenge that asks for the device's public value.</summary>
    public const string Start = "DEVICE_SRP_AUTH";

    /// <summary>The challenge that asks for the device's proof.</summary>
    public const string Proof = "DEVICE_PASSWORD_VERIFIER";

    /// <summary>The first half.</summary>
    public async Task<SignInStep> Begin(SignInAttempt attempt, string? session, string? username, string deviceKey, BigInteger a, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, username, [Start], cancel);
        var device = await Known(challenge, deviceKey, cancel);
        await challenges.Spend(challenge);
        var verifier = devices.Verifier(device) ?? throw new RefusedException(Refusal.DeviceNotFound);
        var exchange = await offers.Begin(a, verifier, cancel);
        return await offers.Offer(attempt, challenge.User, Proof, challenge.Progress.Onward() with { Srp = exchange }, new()
        {
            ["SALT"] = Srp.Hex(Srp.Number(device.Salt)), ["SRP_B"] = exchange.B, ["DEVICE_KEY"] = device.Key, ["USERNAME"] = challenge.User!.Username,
        });
    }

    /// <summary>The second half, which has one try.</summary>
    public async Task<SignInStep> Answer(SignInAttempt attempt, string? username, string deviceKey, SrpClaim claim, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, SrpOffers.Handle(claim), username, [Proof], cancel);
        var device = await Known(challenge, deviceKey, cancel);
        await challenges.Spend(challenge);
        var (user, progress) = (challenge.User!, challenge.Progress);
        var verifier = devices.Verifier(device) ?? throw new RefusedException(Refusal.DeviceNotFound);
        var guess = new PasswordAttempt(attempt.Pool.Id, $"device/{device.Key}", null, attempt.Address);
        if (!await throttle.Evaluate(guess, () => offers.Verify(progress.Srp!, verifier, device.GroupKey, device.Key, claim, cancel), cancel))
            throw new RefusedException(Refusal.WrongPassword);
        await database.Write(tx => DeviceStore.Seen(tx, device.Key, attempt.Address?.ToString()));
        var proven = progress.Onward() with { SecondFactorShown = true, DeviceProven = true };
        return progress.Rounds is null ? await next.Done(attempt, user, proven, cancel) : await custom.Continue(attempt, user, proven.With(Proof, result: true), cancel);
    }

    async Task<Device> Known(OpenChallenge challenge, string deviceKey, CancellationToken cancel)
    {
        if (challenge.User is not { } user || challenge.Progress.DeviceKey != deviceKey) throw new RefusedException(Refusal.DeviceNotFound);
        return await devices.Find(user.PoolId, user.Sub, deviceKey, cancel) is { Remembered: true } device ? device : throw new RefusedException(Refusal.DeviceNotFound);
    }
}
