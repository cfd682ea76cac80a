using System.Diagnostics;
using System.Globalization;

namespace Poolhouse.Load;

/// The costly steps of a call with nothing around them, as bench/Bare does them on the core of the servers.
static class BareCost
{
    /// CPU microseconds of one time, out of so many.
    public static async Task<double> Of(Paths paths, string what, int times, params string[] more)
    {
        using var process = Start(paths, [what, $"{times}", .. more]);
        return await Told(process);
    }

    /// Does some work, and the bare steps over and over beside it. The kernel gives the core to one and the other in turns of milliseconds, so
    /// that a neighbour of the machine slows both down alike.
    public static async Task<(T Result, double BareMicroseconds)> Beside<T>(Paths paths, string what, Func<Task<T>> work)
    {
        using var process = Start(paths, [what, "beside"]);
        await process.StandardOutput.ReadLineAsync();
        var result = await work();
        process.StandardInput.Close();
        return (result, await Told(process));
    }

    static Process Start(Paths paths, string[] arguments) => Process.Start(new ProcessStartInfo(
        "taskset", ["-c", Options.ServerCore, "dotnet", paths.Built("Bare", "Poolhouse.Bare.dll"), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    static async Task<double> Told(Process process)
    {
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? double.Parse(text, CultureInfo.InvariantCulture) : throw new BenchException($"the bare steps ended with {process.ExitCode}");
    }
}
