using System.Globalization;

namespace Poolhouse.Core.Constraints;

/// <summary>One bound, its test and the clauses in which the API words its violation.</summary>
public abstract class Rule
{
    /// <summary>The clause if the value breaks the bound, else null.</summary>
    public abstract string? Violated(object value);

    /// <summary>Every clause that the rule can yield; a wrapped constraint of a list or map names all of them.</summary>
    public abstract IEnumerable<string> Clauses { get; }
}

/// <summary>A length between two bounds.</summary>
public sealed class LengthRule(int min, int max) : Rule
{
    /// <summary>The lower bound.</summary>
    public int Min { get; } = min;

    /// <summary>The upper bound; <see cref="int.MaxValue"/> is none.</summary>
    public int Max { get; } = max;

    /// <inheritdoc/>
    public override string? Violated(object value) =>
        LengthOf(value) is var length && length < Min ? AtLeast : length > Max ? AtMost : null;

    /// <inheritdoc/>
    public override IEnumerable<string> Clauses => Max == int.MaxValue ? [AtLeast] : [AtMost, AtLeast];

    string AtLeast => string.Create(CultureInfo.InvariantCulture, $"Member must have length greater than or equal to {Min}");

    string AtMost => string.Create(CultureInfo.InvariantCulture, $"Member must have length less than or equal to {Max}");

    static int LengthOf(object value) => value switch
    {
        string text => Characters(text),
        System.Collections.ICollection list => list.Count,
        _ => 0,
    };

    /// <summary>The model counts Unicode characters, .NET counts UTF-16 units.</summary>
    static int Characters(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
            if (char.IsLowSurrogate(unit)) count--;
        return count;
    }
}

/// <summary>A number between two bounds.</summary>
public sealed class RangeRule(long min, long max) : Rule
{
    /// <summary>The lower bound.</summary>
    public long Min { get; } = min;

    /// <summary>The upper bound; <see cref="long.MaxValue"/> is none.</summary>
    public long Max { get; } = max;

    /// <inheritdoc/>
    public override string? Violated(object value) =>
        Convert.ToInt64(value, CultureInfo.InvariantCulture) is var number && number < Min ? AtLeast : number > Max ? AtMost : null;

    /// <inheritdoc/>
    public override IEnumerable<string> Clauses => Max == long.MaxValue ? [AtLeast] : [AtMost, AtLeast];

    string AtLeast => string.Create(CultureInfo.InvariantCulture, $"Member must have value greater than or equal to {Min}");

    string AtMost => string.Create(CultureInfo.InvariantCulture, $"Member must have value less than or equal to {Max}");
}

/// <summary>A closed set of values.</summary>
public sealed class OneOfRule(IReadOnlyList<string> values) : Rule
{
    /// <summary>The set.</summary>
    public IReadOnlyList<string> Values { get; } = values;

    /// <inheritdoc/>
    public override string? Violated(object value) => Values.Contains((string)value, StringComparer.Ordinal) ? null : Clause;

    /// <inheritdoc/>
    public override IEnumerable<string> Clauses => [Clause];

    string Clause => $"Member must satisfy enum value set: [{string.Join(", ", Values)}]";
}
