using System.Globalization;
using System.Text;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>What a pool's schema says of attribute values.</summary>
public static class AttributeRules
{
    /// <summary>
    /// Refuses values that break the schema; every fault is named, as Cognito does. An empty value deletes the attribute
    /// and is held to nothing but being allowed to go.
    /// </summary>
    /// <param name="pool">The pool.</param>
    /// <param name="values">What is to be written.</param>
    /// <param name="existing">The user as it is, or null for a new one: immutable attributes can be written once.</param>
    public static void CheckSchema(UserPool pool, IReadOnlyDictionary<string, string> values, User? existing)
    {
        var faults = new StringBuilder();
        foreach (var (name, value) in values)
            if (Fault(pool.Attribute(name), value, existing?.Attributes.ContainsKey(name) == true) is { } fault)
                faults.Append(CultureInfo.InvariantCulture, $"{name}: {fault}\n");
        if (faults.Length > 0) throw new RefusedException(Refusal.AttributesInvalid, faults.ToString());
    }

    /// <summary>Refuses a new user without the attributes that the schema requires.</summary>
    public static void CheckRequired(UserPool pool, IReadOnlyDictionary<string, string> attributes)
    {
        var missing = Required(pool).Where(name => !attributes.ContainsKey(name) || attributes[name].Length == 0).ToList();
        if (missing.Count > 0) throw new RefusedException(Refusal.AttributesInvalid, string.Concat(missing.Select(name => $"{name}: The attribute is required\n")));
    }

    /// <summary>The attributes that every user of a pool must have, without <c>sub</c>.</summary>
    public static IEnumerable<string> Required(UserPool pool) =>
        pool.Schema.Where(attribute => attribute is { Required: true, Name: not "sub" }).Select(attribute => attribute.Name!);

    /// <summary>
    /// Refuses attributes that users may not write about themselves: those outside the client's list, and always the
    /// ones that say something is proven (security.md C16).
    /// </summary>
    public static void CheckWritable(AppClient client, IEnumerable<string> names)
    {
        foreach (var name in names)
            if (name is "sub" or "identities" or "email_verified" or "phone_number_verified" || name.StartsWith("dev:", StringComparison.Ordinal) || !client.CanWrite(name))
                throw new RefusedException(Refusal.AttributeNotWritable, name);
    }

    /// <summary>Refuses users who have proven an address or number that they do not have.</summary>
    public static void CheckVerified(IReadOnlyDictionary<string, string> attributes)
    {
        foreach (var channel in (string[])["email", "phone_number"])
            if (attributes.GetValueOrDefault(channel + "_verified") == "true" && !attributes.ContainsKey(channel))
                throw new RefusedException(Refusal.AttributesInvalid, $"{channel}_verified: The attribute {channel} is required\n");
    }

    /// <summary>A checked value as it is stored: of a boolean there is one spelling, whatever a caller's language calls it.</summary>
    public static string Stored(UserPool pool, string name, string value) =>
        pool.Attribute(name) is { AttributeDataType: "Boolean" } ? Folding.Fold(value) : value;

    static string? Fault(SchemaAttribute? schema, string value, bool exists)
    {
        if (schema is null || schema.Name == "sub") return "Attribute does not exist in the schema.";
        // PostgreSQL has no text with it, and nobody's name has either.
        if (value.Contains('\0', StringComparison.Ordinal)) return "Invalid character.";
        if (exists && schema.Mutable == false) return "Attribute cannot be updated. ";
        if (value.Length == 0) return schema.Required == true ? "The attribute is required" : null;
        return schema.AttributeDataType switch
        {
            "Boolean" when !bool.TryParse(value, out _) => "Invalid boolean format.",
            "Number" => NumberFault(schema.NumberAttributeConstraints, value),
            "DateTime" when !DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _) => "Invalid date format.",
            "String" or null => TextFault(schema, value),
            _ => null,
        };
    }

    static string? TextFault(SchemaAttribute schema, string value)
    {
        if (schema.Name == "email" && !Aliases.IsEmail(value)) return "Invalid email address format.";
        if (schema.Name == "phone_number" && !Aliases.IsPhone(value)) return "Invalid phone number format.";
        if (schema.Name == "birthdate" && !DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            return "Invalid date format.";
        var bounds = schema.StringAttributeConstraints;
        if (Bound(bounds?.MinLength) is { } least && value.Length < least) return $"String must be no shorter than {least} characters";
        if (Bound(bounds?.MaxLength) is { } most && value.Length > most) return $"String must be no longer than {most} characters";
        return value.Length > 2048 ? "String must be no longer than 2048 characters" : null;
    }

    static string? NumberFault(NumberAttributeConstraints? bounds, string value)
    {
        if (!decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return "Invalid number format.";
        if (Bound(bounds?.MinValue) is { } least && number < least) return $"Number must be no less than {least}";
        if (Bound(bounds?.MaxValue) is { } most && number > most) return $"Number must be no more than {most}";
        return null;
    }

    static decimal? Bound(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bound) ? bound : null;
}
