using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>One attribute of a pool's users: its type, its bounds and who may change it.</summary>
public sealed record SchemaAttribute(
    [Length(1, 20), Pattern(@"[\p{L}\p{M}\p{S}\p{N}\p{P}]+")] string? Name = null,
    [OneOf("String", "Number", "DateTime", "Boolean")] string? AttributeDataType = null,
    bool? DeveloperOnlyAttribute = null,
    bool? Mutable = null,
    bool? Required = null,
    NumberAttributeConstraints? NumberAttributeConstraints = null,
    StringAttributeConstraints? StringAttributeConstraints = null)
{
    /// <summary>Whether it is one that a pool added.</summary>
    public bool IsCustom() => Name is { } name && (name.StartsWith("custom:", StringComparison.Ordinal) || name.StartsWith("dev:", StringComparison.Ordinal));
}

/// <summary>Bounds of a number, as texts.</summary>
public sealed record NumberAttributeConstraints([Text] string? MinValue = null, [Text] string? MaxValue = null);

/// <summary>Bounds of a text's length, as texts.</summary>
public sealed record StringAttributeConstraints([Text] string? MinLength = null, [Text] string? MaxLength = null);
