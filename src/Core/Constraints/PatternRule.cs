using System.Text.RegularExpressions;

namespace Poolhouse.Core.Constraints;

/// <summary>
/// A pattern of the API model. It is written for another regular-expression dialect: the whole text must match, \w and
/// \s are ASCII, and characters outside the basic plane are one character. It runs in linear time, since callers choose the text.
/// </summary>
public sealed class PatternRule(string pattern) : Rule
{
    readonly Lazy<Regex> regex = new(() =>
        new($@"\A(?:{Translate(pattern)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    /// <summary>The pattern as the model writes it.</summary>
    public string Pattern { get; } = pattern;

    /// <inheritdoc/>
    public override string? Violated(object value) => regex.Value.IsMatch((string)value) ? null : Clause;

    /// <inheritdoc/>
    public override IEnumerable<string> Clauses => [Clause];

    string Clause => $"Member must satisfy regular expression pattern: {Pattern}";

    static string Translate(string pattern) => pattern
        .Replace(@"[\S]", @"[^ \t\n\v\f\r]", StringComparison.Ordinal)
        .Replace(@"\w", "a-zA-Z0-9_", StringComparison.Ordinal)
        .Replace(@"\s", @" \t\n\v\f\r", StringComparison.Ordinal)
        .Replace(@"\p{S}", @"\p{S}\p{Cs}", StringComparison.Ordinal);
}
