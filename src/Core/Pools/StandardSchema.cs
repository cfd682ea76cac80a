namespace Poolhouse.Core.Pools;

/// <summary>The twenty attributes that every pool has, as the service shows them.</summary>
public static class StandardSchema
{
    /// <summary>The attributes, in the service's order.</summary>
    public static readonly IReadOnlyList<SchemaAttribute> Attributes =
    [
        Text("sub", min: "1") with { Mutable = false, Required = true },
        Text("name"), Text("given_name"), Text("family_name"), Text("middle_name"), Text("nickname"),
        Text("preferred_username"), Text("profile"), Text("picture"), Text("website"), Text("email"),
        Flag("email_verified"),
        Text("gender"), Text("birthdate", "10", "10"), Text("zoneinfo"), Text("locale"), Text("phone_number"),
        Flag("phone_number_verified"),
        Text("address"),
        new("updated_at", "Number", false, true, false, new("0")),
    ];

    /// <summary>Their names.</summary>
    public static readonly IReadOnlySet<string> Names = Attributes.Select(attribute => attribute.Name!).ToHashSet(StringComparer.Ordinal);

    static SchemaAttribute Text(string name, string min = "0", string max = "2048") =>
        new(name, "String", false, true, false, StringAttributeConstraints: new(min, max));

    static SchemaAttribute Flag(string name) => new(name, "Boolean", false, true, false);
}
