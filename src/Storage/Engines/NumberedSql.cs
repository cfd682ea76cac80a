using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Poolhouse.Storage.Engines;

/// <summary>A statement as PostgreSQL takes it, with numbers for names. Npgsql would look for the names each time anew, which costs more than all else it does with a statement.</summary>
/// <param name="Text">The statement.</param>
/// <param name="Names">Whose value each number is, without the @.</param>
sealed partial record NumberedSql(string Text, string[] Names)
{
    // Texts are constants of the stores, and those of ListUsers and of reading the audit trail have a few dozen forms; the bound only guards against a store that builds them.
    const int MostKept = 512;

    static readonly ConcurrentDictionary<string, NumberedSql> known = new(StringComparer.Ordinal);

    public static NumberedSql Of(string sql)
    {
        if (known.TryGetValue(sql, out var found)) return found;
        var made = Number(sql);
        return known.Count < MostKept ? known.GetOrAdd(sql, made) : made;
    }

    /// <summary>The value of each number. What the text does not name is left out.</summary>
    public IEnumerable<object?> InOrder((string Name, object? Value)[] given)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            // Mostly they are given in the order of the text.
            var at = i < given.Length && given[i].Name == Names[i] ? i : Array.FindIndex(given, one => one.Name == Names[i]);
            yield return at < 0 ? throw new InvalidOperationException($"The statement names @{Names[i]}, which was not given: {Text}") : given[at].Value;
        }
    }

    static NumberedSql Number(string sql)
    {
        var names = new List<string>();
        var text = NameOrLiteral().Replace(sql, match =>
        {
            if (match.Value[0] != '@') return match.Value;
            var name = match.Value[1..];
            if (!names.Contains(name)) names.Add(name);
            return $"${names.IndexOf(name) + 1}";
        });
        return new(text, [.. names]);
    }

    [GeneratedRegex(@"@\w+|'[^']*'")]
    private static partial Regex NameOrLiteral();
}
