using System.Text.Json;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Asks for second factors: which one, by which challenge, with which code.</summary>
public sealed class SecondFactors(Challenges challenges, FactorStore factors, SignInCodes codes)
{
    /// <summary>The challenge in which the user chooses one of several.</summary>
    public const string Select = "SELECT_MFA_TYPE";

    /// <summary>The challenge in which the user sets one up.</summary>
    public const string Setup = "MFA_SETUP";

    /// <summary>Asks for the second factor that is due, or returns null if none is.</summary>
    public async Task<SignInStep?> Ask(SignInAttempt attempt, User user, Progress progress, CancellationToken cancel)
    {
        var pool = attempt.Pool;
        if (progress.SecondFactorShown || pool.MfaConfiguration == "OFF" || user.Status == UserStatus.ExternalProvider) return null;
        switch (SecondFactorChoice.Due(pool, user, await factors.Get(pool.Id, user.Sub, cancel)))
        {
            case [var one]:
                return await Give(attempt, user, one, progress, cancel);
            case { Count: > 1 } several:
                return await challenges.Give(attempt, user, Select, progress.Onward() with { Choices = several }, new() { ["MFAS_CAN_CHOOSE"] = Text(several) });
            case [] when pool.MfaConfiguration != "ON":
                return null;
        }
        // Nobody gets past a second factor by having none.
        var possible = SecondFactorChoice.ToSetUp(pool);
        if (possible.Count == 0) throw new RefusedException(Refusal.SecondFactorImpossible);
        return await challenges.Give(attempt, user, Setup, progress.Onward() with { Choices = possible }, new() { ["MFAS_CAN_SETUP"] = Text(possible) });
    }

    /// <summary>Asks for one factor.</summary>
    public async Task<SignInStep> Give(SignInAttempt attempt, User user, string factor, Progress progress, CancellationToken cancel)
    {
        if (Factor.Channel(factor) is not null) return await codes.Send(attempt, user, factor, progress, first: false, cancel);
        var name = (await factors.Get(attempt.Pool.Id, user.Sub, cancel)).TotpName;
        return await challenges.Give(attempt, user, factor, progress.Onward(), name is null ? [] : new() { ["FRIENDLY_DEVICE_NAME"] = name });
    }

    static string Text(IReadOnlyList<string> list) => JsonSerializer.Serialize([.. list], SignInJson.Default.ListString);
}
