using System.Diagnostics;
using System.Globalization;

namespace Poolhouse.Load.Guarding;

/// A program that measures inside itself, on the core of the servers: it is told what, line by line, and does nothing until then.
sealed class Meter : IAsyncDisposable
{
    readonly Process process;
    readonly string name;

    Meter(Process process, string name) => (this.process, this.name) = (process, name);

    public static Meter Checks(Paths paths, string issued) => Start("the guard's checks", "dotnet", paths.Built("GuardChecks", "Poolhouse.GuardChecks.dll"), issued);

    public static Meter AwsJwtVerify(Paths paths, string issued) => Start("aws-jwt-verify", "node", Path.Combine(paths.Bench, "peers/aws-jwt-verify.mjs"), issued);

    /// What comes out, and for how many numbers the caller has to be ready it knows.
    public async Task<double[]> Ask(string what)
    {
        await process.StandardInput.WriteLineAsync(what);
        var answer = await process.StandardOutput.ReadLineAsync() ?? throw new BenchException($"{name} ended over '{what}', and says why above");
        return [.. answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    static Meter Start(string name, params string[] line) => new(Process.Start(
        new ProcessStartInfo("taskset", ["-c", Options.ServerCore, .. line]) { RedirectStandardInput = true, RedirectStandardOutput = true })!, name);
}
