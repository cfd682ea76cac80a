using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>By which attributes a user can be found beside the user name.</summary>
public static class Aliases
{
    /// <summary>
    /// In a pool that signs in by e-mail or phone, those attributes from the start; in an alias pool the preferred name,
    /// and an address or number once it is verified, so that nobody can squat on another's address.
    /// </summary>
    public static IReadOnlyCollection<string> Of(UserPool pool, User user) =>
    [
        .. pool.UsernameAttributes.Where(user.Attributes.ContainsKey),
        .. pool.AliasAttributes.Where(name => name == "preferred_username" ? user.Attributes.ContainsKey(name) : user.Verified(name)),
    ];

    /// <summary>Whether a text has the form of an e-mail address.</summary>
    public static bool IsEmail(string text) =>
        text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1 && !text.Any(char.IsWhiteSpace);

    /// <summary>Whether a text has the form of a phone number (E.164).</summary>
    public static bool IsPhone(string text) => text.Length is >= 3 and <= 16 && text[0] == '+' && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
}
