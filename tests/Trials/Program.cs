using Poolhouse.Trials.Fuzz;
using Poolhouse.Trials.Simulation;
using Poolhouse.Trials.Soak;

namespace Poolhouse.Trials;

/// <summary>Trials that run in one process with the server: each prints one line of JSON, and ends with 0 if everything held.</summary>
static class Program
{
    static int Main(string[] args) => args is [var name, .. var rest] && Commands.TryGetValue(name, out var run)
        ? run(new Arguments(rest)) : throw new ArgumentException($"One of: {string.Join(", ", Commands.Keys)}");

    static readonly Dictionary<string, Func<Arguments, int>> Commands = new(StringComparer.Ordinal)
    {
        ["simulate"] = SimulateCommand.Run,
        ["fuzz"] = FuzzCommand.Run,
        ["soak"] = SoakCommand.Run,
    };
}
