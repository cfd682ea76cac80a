using System.Text;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>The filter of ListUsers: <c>attribute = "value"</c> or <c>attribute ^= "value"</c>, a quote in the value escaped by a backslash.</summary>
static class UserFilters
{
    // No custom attributes, as in the service: these are the ones that are looked up by an index.
    static readonly HashSet<string> Searched = new(StringComparer.Ordinal)
    {
        "username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username", "cognito:user_status", "status", "sub",
    };

    /// <summary>Reads a filter; null for none.</summary>
    public static UserFilter? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var operation = text.IndexOf('=', StringComparison.Ordinal);
        if (operation <= 0) throw Unreadable();
        var isPrefix = text[operation - 1] == '^';
        var name = text[..(isPrefix ? operation - 1 : operation)].Trim();
        var value = Value(text.AsSpan(operation + 1).Trim());
        return Searched.Contains(name) ? new(name, value, isPrefix) : throw CognitoException.InvalidParameter($"Invalid search attribute: {name}");
    }

    static string Value(ReadOnlySpan<char> quoted)
    {
        if (quoted is not ['"', .. var inside, '"']) throw Unreadable();
        var value = new StringBuilder();
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] == '"' || (inside[i] == '\\' && ++i == inside.Length)) throw Unreadable();
            value.Append(inside[i]);
        }
        return value.ToString();
    }

    static CognitoException Unreadable() => CognitoException.InvalidParameter("Error while parsing filter.");
}
