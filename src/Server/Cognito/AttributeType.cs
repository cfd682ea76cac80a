using Poolhouse.Core.Constraints;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Cognito;

/// <summary>One attribute of a user on the wire; a value that was left out is an empty one.</summary>
public sealed record AttributeType([AttributeName] string Name, [Length(0, 2048), Sensitive] string? Value = null)
{
    /// <summary>The attributes of a user, <c>sub</c> first.</summary>
    public static IReadOnlyList<AttributeType> Of(User user) =>
        [new("sub", user.Sub), .. user.Attributes.Select(attribute => new AttributeType(attribute.Key, attribute.Value))];

    /// <summary>Values by name; of a name that came twice the last value counts.</summary>
    public static Dictionary<string, string> Values(IReadOnlyList<AttributeType>? attributes)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in attributes ?? []) values[name] = value ?? "";
        return values;
    }

    /// <summary>The values of attributes that are to be deleted.</summary>
    public static Dictionary<string, string> None(IReadOnlyList<string> names) => names.Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => "", StringComparer.Ordinal);
}
