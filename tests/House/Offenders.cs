using Xunit;

namespace Poolhouse.House.Tests;

/// <summary>The one assertion of a rule: nothing breaks it, and whatever does is listed whole.</summary>
static class Offenders
{
    public static void None(IEnumerable<string> offenders)
    {
        var all = offenders.Distinct().Order(StringComparer.Ordinal).ToList();
        if (all.Count > 0) Assert.Fail($"{all.Count}:\n{string.Join('\n', all)}");
    }
}
