namespace Poolhouse.Core.Users;

/// <summary>How names are compared: simple case folding of our own, since the globalization-invariant runtime normalizes nothing.</summary>
public static class Folding
{
    /// <summary>The form under which an alias or a filtered value is looked up: case never distinguishes e-mail addresses.</summary>
    public static string Fold(string value) => value.ToLowerInvariant();

    /// <summary>The unique key of a user name.</summary>
    public static string UsernameKey(string username, bool caseSensitive) => caseSensitive ? username : Fold(username);
}
