using System.Diagnostics;
using System.Globalization;

namespace Poolhouse.Load;

/// The costly steps of a call with nothing around them, as bench/Bare does them on the core of the servers.
static class BareCost
{
    /// CPU microseconds of one time, out of so many.
    public static async Task<double> Of(Paths paths, string what, int times)
    {
        var info = new ProcessStartInfo("taskset", ["-c", Options.ServerCore, "dotnet", paths.Built("Bare", "Poolhouse.Bare.dll"), what, $"{times}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        return double.Parse(text, CultureInfo.InvariantCulture);
    }
}
