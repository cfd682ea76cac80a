using System.Globalization;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>How a pool's schema is made: the standard attributes, what the creator changes of them, and custom ones.</summary>
static class SchemaRules
{
    const int MostCustom = 50;

    /// <summary>The schema of a new pool.</summary>
    public static IReadOnlyList<SchemaAttribute> Merge(IReadOnlyList<SchemaAttribute> standard, IReadOnlyList<SchemaAttribute> asked)
    {
        if (asked.GroupBy(attribute => attribute.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw CognitoException.InvalidParameter($"The attribute {twice.Key} is defined more than once.");
        var changes = asked.Where(attribute => attribute.Name is { } name && StandardSchema.Names.Contains(name)).ToDictionary(attribute => attribute.Name!);
        var merged = standard.Select(attribute => changes.TryGetValue(attribute.Name!, out var change) ? Changed(attribute, change) : attribute).ToList();
        return Added(merged, [.. asked.Where(attribute => attribute.Name is not { } name || !changes.ContainsKey(name))]);
    }

    /// <summary>A schema with custom attributes added.</summary>
    public static IReadOnlyList<SchemaAttribute> Added(IReadOnlyList<SchemaAttribute> schema, IReadOnlyList<SchemaAttribute> custom)
    {
        var added = schema.ToList();
        foreach (var attribute in custom)
        {
            var stored = Custom(attribute);
            if (added.Any(known => known.Name == stored.Name))
                throw CognitoException.InvalidParameter($"{stored.Name}: Existing attribute already has name {stored.Name}.");
            added.Add(stored);
        }
        return added.Count(attribute => attribute.IsCustom()) <= MostCustom ? added
            : throw CognitoException.InvalidParameter($"A user pool may have {MostCustom} custom attributes.");
    }

    static SchemaAttribute Custom(SchemaAttribute asked)
    {
        if (asked.Name is not { } name) throw CognitoException.InvalidParameter("A custom attribute needs a name.");
        if (asked.Required == true) throw CognitoException.InvalidParameter("Required custom attributes are not supported currently.");
        var type = asked.AttributeDataType ?? "String";
        CheckBounds(name, type, asked);
        return new((asked.DeveloperOnlyAttribute == true ? "dev:" : "custom:") + name, type, asked.DeveloperOnlyAttribute ?? false,
            asked.Mutable ?? true, false,
            type == "Number" ? asked.NumberAttributeConstraints ?? new() : null,
            type == "String" ? asked.StringAttributeConstraints ?? new() : null);
    }

    static SchemaAttribute Changed(SchemaAttribute standard, SchemaAttribute change)
    {
        if (standard.Name == "sub") throw CognitoException.InvalidParameter("The attribute sub cannot be changed.");
        if (change.AttributeDataType is { } type && type != standard.AttributeDataType)
            throw CognitoException.InvalidParameter($"{standard.Name}: You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute.");
        if (change.DeveloperOnlyAttribute == true)
            throw CognitoException.InvalidParameter($"{standard.Name}: You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute.");
        CheckBounds(standard.Name!, standard.AttributeDataType!, change);
        return standard with
        {
            Mutable = change.Mutable ?? standard.Mutable,
            Required = change.Required ?? standard.Required,
            StringAttributeConstraints = change.StringAttributeConstraints ?? standard.StringAttributeConstraints,
            NumberAttributeConstraints = change.NumberAttributeConstraints ?? standard.NumberAttributeConstraints,
        };
    }

    static void CheckBounds(string name, string type, SchemaAttribute attribute)
    {
        if (attribute.StringAttributeConstraints is { } lengths)
            Check(name, "StringAttributeConstraints", type == "String", lengths.MinLength, lengths.MaxLength, 0, 2048);
        if (attribute.NumberAttributeConstraints is { } values)
            Check(name, "NumberAttributeConstraints", type == "Number", values.MinValue, values.MaxValue, long.MinValue, long.MaxValue);
    }

    static void Check(string name, string what, bool fits, string? min, string? max, long least, long most)
    {
        if (!fits && (min ?? max) is not null) throw CognitoException.InvalidParameter($"{name}: {what} do not fit its data type.");
        long low = least, high = most;
        var readable = (min is null || long.TryParse(min, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out low))
            && (max is null || long.TryParse(max, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out high));
        if (!readable || low < least || high > most || low > high) throw CognitoException.InvalidParameter($"{name}: {what} are out of range.");
    }
}
