using System.Text;
using static Poolhouse.Load.Report;

namespace Poolhouse.Load.Guarding;

/// What a run found out of the guard; a part that was not run is null or empty.
sealed record GuardResults(CheckTimes? Checks, GuardMemory? Memory, Race? Requests, List<RevocationDelays> Delays, ReadersResult? Readers);

/// The guard's part of the page.
static class GuardReport
{
    public static void Write(StringBuilder page, GuardResults results)
    {
        if (results.Checks is { } checks) Checked(page, checks);
        if (results.Memory is { } memory) Held(page, memory);
        if (results.Requests is { } requests) Asked(page, requests);
        if (results.Delays.Count > 0) Revoked(page, results.Delays);
        if (results.Readers is { } readers) Read(page, readers);
    }

    static void Checked(StringBuilder page, CheckTimes checks)
    {
        Line(page, "\n## One check of an access token, one thread\n");
        Line(page, "CPU of the process per check, on tokens of a running server: known are those of 1,000 sessions in turn, never seen are 5,000 that a new guard meets for the first time in every round. Within a round the median of some milliseconds at a time; tokens never seen, JsonWebTokenHandler and the bare verification take turns every 100 tokens.\n");
        Line(page, "| | per check | lowest–highest | ÷ JsonWebTokenHandler |\n|---|---|---|---|");
        foreach (var (name, times) in checks.Times)
            Line(page, $"| {name} | {times.Median() / 1000:F2} µs | {times.Min() / 1000:F2}–{times.Max() / 1000:F2} | {checks.Over(name, Guarding.Checks.Handler):F3} |");
    }

    static void Held(StringBuilder page, GuardMemory memory)
    {
        Line(page, "\n## What a guard holds in memory\n");
        Line(page, "| revoked sessions | bytes of heap for each | bytes by the set's own count |\n|---|---|---|");
        foreach (var set in memory.Sets) Line(page, $"| {set.Revoked:N0} | {set.Heap:F1} | {set.Own:F1} |");
        Line(page, $"\nA remembered token takes {memory.PerToken:N0} bytes of heap.");
        Line(page, $"A snapshot of {Guarding.Checks.ManyRevoked:N0} sessions is taken in within {memory.LoadMilliseconds:F0} ms of the guard's start (slowest {memory.SlowestLoad:F0} ms), from memory: what the network takes comes on top.");
    }

    static void Asked(StringBuilder page, Race requests)
    {
        Line(page, $"\n## Requests per second through Kestrel, closed loop, {Options.Connections} connections, known tokens\n");
        Line(page, "| | requests/s | lowest–highest | CPU per request | above no authentication | core in use | driver |\n|---|---|---|---|---|---|---|");
        foreach (var (name, samples) in requests.Samples)
        {
            var rates = samples.Select(sample => sample.PerSecond).ToArray();
            var above = samples.Zip(requests.Samples[Requests.Open], (sample, open) => sample.CpuMicroseconds - open.CpuMicroseconds).Median();
            Line(page, $"| {name} | {rates.Median():F0} | {rates.Min():F0}–{rates.Max():F0} | {samples.Select(sample => sample.CpuMicroseconds).Median():F1} µs "
                + $"| {above:F1} µs | {samples.Select(sample => sample.PerSecond * sample.CpuMicroseconds / 1e4).Median():F0} % | {samples.Max(sample => sample.DriverShare * 100):F0} % |");
        }
    }

    static void Revoked(StringBuilder page, List<RevocationDelays> all)
    {
        Line(page, "\n## From a revocation to the first refusal\n");
        Line(page, $"{Revocations.PerSecond} sessions a second are revoked; {Revocations.Guards} guards are each asked for all that are on their way. The commit lies between sending the call and its answer; below zero the guard was quicker than the answer.\n");
        Line(page, "| | from | p50 | p99 | max | measured | looks per second |\n|---|---|---|---|---|---|---|");
        foreach (var delays in all)
        {
            Delay(page, delays, "sending the call", delays.FromSent);
            Delay(page, delays, "its answer", delays.FromReply);
        }
        Line(page, "\nNo token passed after it had been refused, and none was refused that had not been revoked, unless the budgets above say so.");
    }

    static void Delay(StringBuilder page, RevocationDelays delays, string from, double[] milliseconds) => Line(page,
        $"| {delays.Name} | {from} | {milliseconds.Median():F1} ms | {milliseconds.Percentile(0.99):F1} ms | {milliseconds.Max():F1} ms | {milliseconds.Length:N0} | {delays.LooksPerSecond:F0} |");

    static void Read(StringBuilder page, ReadersResult readers)
    {
        Line(page, $"\n## {readers.Count:N0} connected readers of the feed while nothing is revoked\n");
        Line(page, $"| | refreshes/s | CPU per refresh | server at rest |\n|---|---|---|---|");
        foreach (var (name, samples) in readers.Refreshes.Samples)
            Line(page, $"| {name} | {samples.Select(sample => sample.PerSecond).Median():F0} | {samples.Select(sample => sample.CpuMicroseconds).Median():F0} µs "
                + $"| {(name == Readers.With ? readers.IdleShare : readers.IdleShareWithout):F1} % of a core |");
        Line(page, $"\nWith readers a server makes {readers.Refreshes.Faster(Readers.With, Readers.Without):F2} times as many refreshes as without; each reader takes {readers.Kilobytes:F0} KB of its resident memory.");
    }
}
