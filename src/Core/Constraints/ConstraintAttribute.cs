namespace Poolhouse.Core.Constraints;

/// <summary>Which part of a list or map a constraint speaks of.</summary>
public enum Part
{
    /// <summary>The member itself; of a list or map its count.</summary>
    Member,

    /// <summary>Each element of a list, or each value of a map.</summary>
    Each,

    /// <summary>Each key of a map.</summary>
    Keys,
}

/// <summary>A declared bound of a request member; stands on the record's parameter or property and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property, AllowMultiple = true)]
public abstract class ConstraintAttribute : Attribute
{
    /// <summary>What the constraint speaks of.</summary>
    public Part On { get; set; }

    /// <summary>The rules, in the order in which their violations are reported.</summary>
    public abstract IReadOnlyList<Rule> Rules { get; }
}

/// <summary>Bounds of a length: of a text in Unicode characters, of a list or map in elements.</summary>
public class LengthAttribute(int min, int max = int.MaxValue) : ConstraintAttribute
{
    /// <inheritdoc/>
    public override IReadOnlyList<Rule> Rules => [new LengthRule(min, max)];
}

/// <summary>A pattern of the API model that the whole text must match.</summary>
public sealed class PatternAttribute(string pattern) : ConstraintAttribute
{
    /// <inheritdoc/>
    public override IReadOnlyList<Rule> Rules => [new PatternRule(pattern)];
}

/// <summary>Bounds of a number.</summary>
public sealed class RangeAttribute(long min, long max = long.MaxValue) : ConstraintAttribute
{
    /// <inheritdoc/>
    public override IReadOnlyList<Rule> Rules => [new RangeRule(min, max)];
}

/// <summary>The values of an enumeration of the API model.</summary>
public sealed class OneOfAttribute(params string[] values) : ConstraintAttribute
{
    /// <inheritdoc/>
    public override IReadOnlyList<Rule> Rules => [new OneOfRule(values)];
}

/// <summary>Marks a nullable member as required; a member of a non-nullable reference type is required without it.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

/// <summary>Marks a member whose value must never be repeated in a message or a log.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SensitiveAttribute : Attribute;

/// <summary>A key format of the API, declared once: a length, a pattern and perhaps secrecy.</summary>
public abstract class FormatAttribute(int min, int max, string? pattern, bool sensitive = false) : ConstraintAttribute
{
    /// <summary>Whether the value must never be repeated.</summary>
    public bool Sensitive { get; } = sensitive;

    /// <inheritdoc/>
    public override IReadOnlyList<Rule> Rules { get; } =
        pattern is null ? [new LengthRule(min, max)] : [new LengthRule(min, max), new PatternRule(pattern)];
}
