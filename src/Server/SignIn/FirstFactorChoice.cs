using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>What a sign-in by choice can begin with: the first factors that the pool allows and the account has, or seems to have.</summary>
public sealed class FirstFactorChoice(FactorStore factors, Nobody nobody)
{
    static readonly string[] Codes = ["EMAIL_OTP", "SMS_OTP"];

    /// <summary>The factors that are offered to a user; user null means that there is none and it must not show.</summary>
    public async Task<IReadOnlyList<string>> Of(UserPool pool, User? user, string typed, CancellationToken cancel)
    {
        // A code alone does not satisfy a pool, or a user, who asks for two factors.
        string[] codes = await AsksForTwo(pool, user, typed, cancel) ? []
            : [.. Codes.Where(code => pool.FirstFactors.Contains(code) && Reaches(pool, user, typed, Factor.Channel(code)!))];
        // Who has nothing is asked for a password all the same, and cannot give it.
        var hasPassword = codes.Length == 0 || (user is null ? nobody.Seems(pool, typed, "password") : user.Credentials is not null);
        return hasPassword ? [ChoiceSignIn.Password, ChoiceSignIn.PasswordSrp, .. codes] : codes;
    }

    async Task<bool> AsksForTwo(UserPool pool, User? user, string typed, CancellationToken cancel) => pool.MfaConfiguration switch
    {
        "ON" => true,
        "OFF" => false,
        _ when user is null => nobody.Seems(pool, typed, "second-factor"),
        _ => SecondFactorChoice.Due(pool, user, await factors.Get(pool.Id, user.Sub, cancel)).Count > 0,
    };

    bool Reaches(UserPool pool, User? user, string typed, string channel) =>
        user is null ? nobody.Reaches(pool, typed, channel) : user.Attribute(channel) is { Length: > 0 };
}
