using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The factors of a user: the second ones that are on, and those with which a choice-based sign-in can begin.</summary>
public sealed record AuthFactorsResponse(
    [Username] string Username, string? PreferredMfaSetting, IReadOnlyList<string>? UserMFASettingList, IReadOnlyList<string> ConfiguredUserAuthFactors)
{
    internal static async Task<AuthFactorsResponse> Of(UserPool pool, User user, FactorStore factors, CancellationToken cancel)
    {
        var held = await factors.Get(pool.Id, user.Sub, cancel);
        string[] configured =
        [
            .. user.Credentials is null ? Array.Empty<string>() : ["PASSWORD"],
            .. pool.FirstFactors.Contains("EMAIL_OTP") && user.Verified("email") ? (string[])["EMAIL_OTP"] : [],
            .. pool.FirstFactors.Contains("SMS_OTP") && user.Verified("phone_number") ? (string[])["SMS_OTP"] : [],
            .. held.TotpVerified ? (string[])["SOFTWARE_TOKEN"] : [],
        ];
        return new(user.Username, held.Preferred, held.Enabled is { Count: > 0 } enabled ? enabled : null, configured);
    }
}
