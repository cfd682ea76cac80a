using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>A second factor in the words of the first years, which knew SMS only.</summary>
public sealed record MfaOptionType([OneOf("SMS", "EMAIL")] string? DeliveryMedium = null, [AttributeName] string? AttributeName = null);

/// <summary>What SetUserSettings and AdminSetUserSettings do.</summary>
static class MfaOptions
{
    /// <summary>Turns SMS codes on if they are listed, else off; the other factors stay as they are.</summary>
    public static async Task Set(Database database, UserPool pool, User user, IReadOnlyList<MfaOptionType> options)
    {
        if (options.Any(option => option is not { DeliveryMedium: "SMS", AttributeName: "phone_number" }))
            throw CognitoException.InvalidParameter("Only the delivery medium SMS to phone_number can be set.");
        if (options.Count > 0 && string.IsNullOrEmpty(user.Attribute("phone_number"))) throw CognitoException.InvalidParameter("The user has no phone_number.");
        var found = await database.Write(async tx =>
        {
            if (await UserStore.Lock(tx, pool.Id, user.Sub) is null) return false;
            await FactorStore.Set(tx, pool.Id, user.Sub, await FactorStore.Get(tx, pool.Id, user.Sub) with { Sms = options.Count > 0 });
            return true;
        });
        if (!found) throw new RefusedException(Refusal.UserNotFound);
    }
}
