using System.Globalization;

namespace Poolhouse.Trials;

/// <summary>What stands on the command line: --name value.</summary>
sealed class Arguments(string[] given)
{
    public string Text(string name, string otherwise) => Array.IndexOf(given, $"--{name}") is >= 0 and var at ? given[at + 1] : otherwise;

    public long Number(string name, long otherwise) => long.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
