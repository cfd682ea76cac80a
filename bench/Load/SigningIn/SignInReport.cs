using System.Text;
using static Poolhouse.Load.Report;

namespace Poolhouse.Load.SigningIn;

/// Signing in, on the page.
static class SignInReport
{
    public static void Write(StringBuilder page, SignInResults results)
    {
        Line(page, $"\n## Sign-ins, closed loop, {Options.Connections} connections\n");
        Line(page, "Every answer was checked: 200, a signed access token, a signed ID token, a refresh token. SRP takes two calls.");
        Line(page, "Bare is, by password, one Argon2id of the same library and parameters; by SRP, the three exponentiations modulo 3072 bits that the server has to do, with the same BigInteger.\n");
        Line(page, "| | sign-ins/s | lowest–highest | CPU per sign-in | bare | ÷ bare | core in use | driver |\n|---|---|---|---|---|---|---|---|");
        Row(page, results.Password, SignIns.ByPassword);
        Row(page, results.Srp, SignIns.BySrp);

        Line(page, "\n## Refreshes while others sign in\n");
        Line(page, $"One connection, {SteadyRefreshes.PerSecond} refreshes a second, whether or not the last one took long; rotation off. {FloodedRefreshes.Connections} connections sign in. All rounds together. On all cores the server shares one with the driver.\n");
        Line(page, "| server on | while | p50 | p99 | slowest | measured | sign-ins/s | driver |\n|---|---|---|---|---|---|---|---|");
        foreach (var (server, one) in results.Floods.SelectMany(server => new[] { server.Quiet }.Concat(server.Flooded).Select(one => (server, one))))
            Line(page, $"| {server.Place} | {one.Name} | {one.Milliseconds.Median():F1} ms | {one.P99:F1} ms | {one.Milliseconds.Max():F1} ms | {one.Milliseconds.Count:N0} | {one.SignInsPerSecond.Median():F0} | {one.DriverShare * 100:F0} % |");

        Line(page, "\n## Guessing the code of a second factor\n");
        Line(page, $"{results.Guesses.Sent:N0} wrong codes for one challenge, on {FloodedRefreshes.Connections} connections, in {results.Guesses.Seconds:F1} s: {results.Guesses.Evaluated} were looked at.");
    }

    static void Row(StringBuilder page, Race race, string name)
    {
        var samples = race.Samples[name];
        var rates = samples.Select(sample => sample.PerSecond).ToArray();
        Line(page, $"| {name} | {rates.Median():F1} | {rates.Min():F1}–{rates.Max():F1} | {samples.Select(sample => sample.CpuMicroseconds).Median() / 1000:F2} ms "
            + $"| {race.Bare.Median() / 1000:F2} ms | {race.OverBare(name):F2} | {samples.Select(sample => sample.PerSecond * sample.CpuMicroseconds / 1e4).Median():F0} % "
            + $"| {samples.Max(sample => sample.DriverShare * 100):F0} % |");
    }
}
