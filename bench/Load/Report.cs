using System.Globalization;
using System.Text;
using Poolhouse.Load.Guarding;
using Poolhouse.Load.Scaling;
using Poolhouse.Load.SigningIn;

namespace Poolhouse.Load;

/// Everything that one run found out; a part that was not run is null or empty.
sealed record Results(string Sdk, int Cores, bool Native, Race? Race, Race? Unpinned, List<StartUpResult> Starts, GuardResults? Guard, SignInResults? SignIn,
    ScalingResults? Scaling);

/// The results as a page of markdown.
static class Report
{
    public static string Write(Results results, Options options, string day)
    {
        var page = new StringBuilder();
        Line(page, $"# Benchmarks of {day}\n");
        Line(page, $".NET SDK {results.Sdk}, {results.Cores} cores. Poolhouse {(results.Native ? "native (AOT)" : "on the JIT, Release")}, `dev` mode, SQLite with `synchronous=FULL`.");
        Line(page, $"Servers, and what is bare, are pinned to core {Options.ServerCore}, one server at work at a time; the driver has the other core.");
        Line(page, $"CPU is user and system time of the server's process. Medians of {options.Rounds} interleaved rounds after a warm-up round, ratios taken within a round.\n");

        Line(page, "| Budget | limit | measured | |\n|---|---|---|---|");
        foreach (var budget in Budgets.Of(results, options)) Line(page, budget.Row);
        if (results is { Race: { } race, Unpinned: { } unpinned })
        {
            Refreshes(page, race);
            Rates(page, unpinned);
        }
        if (results.Starts.Count > 0) Started(page, results.Starts);
        if (results.Guard is { } guard) GuardReport.Write(page, guard);
        if (results.SignIn is { } signIn) SignInReport.Write(page, signIn);
        if (results.Scaling is { } scaling) ScalingReport.Write(page, scaling);
        return page.ToString();
    }

    static void Refreshes(StringBuilder page, Race race)
    {
        Line(page, $"\n## Refreshes, closed loop, {Options.Connections} connections\n");
        Line(page, "Every answer was checked: 200, a signed access token, a signed ID token, and a new refresh token where rotation is on.");
        Line(page, $"Two bare RSA-2048 signatures, made beside each contestant: {race.Bare.Median():F0} µs of CPU ({race.Bare.Min():F0}–{race.Bare.Max():F0}).\n");
        Line(page, "| | refreshes/s | lowest–highest | CPU per refresh | ÷ two signatures | lowest–highest | bare read | database | core in use | driver |\n|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, samples) in race.Samples)
        {
            var rates = samples.Select(sample => sample.PerSecond).ToArray();
            Line(page, $"| {name} | {rates.Median():F0} | {rates.Min():F0}–{rates.Max():F0} "
                + $"| {samples.Select(sample => sample.CpuMicroseconds).Median():F0} µs | {race.OverBare(name):F2} "
                + $"| {samples.Min(sample => sample.OverBare):F2}–{samples.Max(sample => sample.OverBare):F2} "
                + $"| {samples.Select(sample => sample.BareReadMicroseconds).Median():F0} µs "
                + $"| {samples.Select(sample => sample.DatabaseMicroseconds).Median():F0} µs "
                + $"| {samples.Select(sample => sample.PerSecond * sample.CpuMicroseconds / 1e4).Median():F0} % "
                + $"| {samples.Max(sample => sample.DriverShare * 100):F0} % |");
        }
        Line(page, "\n*Bare read* is what Npgsql takes for the same row with nothing around it. *Database* is CPU per refresh of PostgreSQL's processes, which have the driver's core. *Core in use* is the share of the core that the server took; the bare signatures beside it had the rest. *Driver* is the highest share of a core that the driver took.");
    }

    static void Rates(StringBuilder page, Race race)
    {
        Line(page, "\n## Refreshes, the same loop, servers on all cores\n");
        Line(page, "One server at work at a time; the driver shares the cores with it.\n");
        Line(page, "| | refreshes/s | lowest–highest | CPU per refresh | cores in use |\n|---|---|---|---|---|");
        foreach (var (name, samples) in race.Samples)
        {
            var rates = samples.Select(sample => sample.PerSecond).ToArray();
            Line(page, $"| {name} | {rates.Median():F0} | {rates.Min():F0}–{rates.Max():F0} | {samples.Select(sample => sample.CpuMicroseconds).Median():F0} µs "
                + $"| {samples.Select(sample => sample.PerSecond * sample.CpuMicroseconds / 1e6).Median():F2} |");
        }
    }

    static void Started(StringBuilder page, List<StartUpResult> starts)
    {
        Line(page, "\n## Start on existing data, and idle memory\n");
        Line(page, "Ten starts, not pinned; Poolhouse answers with a pool's JWKS, cognito-local with its health check. Memory is resident, five seconds after the start.\n");
        Line(page, "| | median | slowest | idle memory |\n|---|---|---|---|");
        foreach (var start in starts)
            Line(page, $"| {start.Name.Split(',')[0]} | {start.Milliseconds:F0} ms | {start.Slowest:F0} ms | {start.IdleMegabytes:F0} MB |");
    }

    public static void Line(StringBuilder page, FormattableString text) => page.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
    public static void Line(StringBuilder page, string text) => page.Append(text).Append('\n');
}
