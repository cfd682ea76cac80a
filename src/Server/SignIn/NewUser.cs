using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>What signing up and being created by an administrator have in common: from a typed name and attributes to a user.</summary>
public static class NewUser
{
    /// <summary>
    /// Makes a user, not stored yet. In a pool that signs in by e-mail or phone the typed name is that attribute, and the
    /// user name is a generated id, the same as the sub.
    /// </summary>
    /// <returns>The user and whether its name is compared by case.</returns>
    public static (User User, bool CaseSensitive) Of(UserPool pool, string typed, IReadOnlyDictionary<string, string> given, long now, string? sub = null)
    {
        sub ??= Ids.Uuid();
        var attributes = new Dictionary<string, string>(given, StringComparer.Ordinal);
        var username = pool.CaseSensitive ? typed : Folding.Fold(typed);
        if (pool.UsernameAttributes.Count > 0)
        {
            var attribute = NamedBy(pool, typed) ?? throw new RefusedException(Core.Refusal.UsernameFormat, pool.UsernameAttributes switch
            {
                ["email"] => "Username should be an email.",
                ["phone_number"] => "Username should be a phone number.",
                _ => "Username should be either an email or a phone number.",
            });
            attributes[attribute] = typed;
            username = sub;
        }
        else if (pool.AliasAttributes.Contains("email") && Aliases.IsEmail(typed))
        {
            throw new RefusedException(Core.Refusal.UsernameFormat, "Username cannot be of email format, since user pool is configured for email alias.");
        }
        else if (pool.AliasAttributes.Contains("phone_number") && Aliases.IsPhone(typed))
        {
            throw new RefusedException(Core.Refusal.UsernameFormat, "Username cannot be of phone number format, since user pool is configured for phone number alias.");
        }
        AttributeRules.CheckSchema(pool, attributes, existing: null);
        foreach (var (name, value) in attributes.ToList())
            if (value.Length == 0) attributes.Remove(name);
            else attributes[name] = AttributeRules.Stored(pool, name, value);
        AttributeRules.CheckVerified(attributes);
        return (new(pool.Id, sub, username, UserStatus.Unconfirmed, true, attributes, null, null, now, now), pool.CaseSensitive);
    }

    /// <summary>The refusal that a write's outcome means, or null if it is done.</summary>
    public static Refusal? Refusal(UserWrite written) => written switch
    {
        UserWrite.Done => null,
        UserWrite.Gone => Core.Refusal.UserNotFound,
        // An alias that is taken at birth is the name that users of an e-mail or phone pool sign in with.
        _ => Core.Refusal.UsernameExists,
    };

    /// <summary>What a taken name is called in the refusal: "email" or "phone number", or null for a user name.</summary>
    public static string? TakenName(UserPool pool, string typed) =>
        pool.UsernameAttributes.Count == 0 ? null : NamedBy(pool, typed) == "email" ? "email" : "phone number";

    static string? NamedBy(UserPool pool, string typed) =>
        pool.UsernameAttributes.Contains("email") && Aliases.IsEmail(typed) ? "email"
        : pool.UsernameAttributes.Contains("phone_number") && Aliases.IsPhone(typed) ? "phone_number"
        : null;
}
