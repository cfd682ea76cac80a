using System.Globalization;
using Poolhouse.Load.Peers;
using Poolhouse.Load.Scaling;

namespace Poolhouse.Load;

/// Refreshes side by side: in every round each contestant in turn, so that a slow minute hits all alike. On the one core that servers are
/// pinned to, beside the bare signatures and on PostgreSQL too; on all cores as they would be run, for rates alone.
sealed class Comparison(Options options, Paths paths, HttpClient http, string cores)
{
    // Some tenths of a second of work: /proc counts in hundredths.
    const int BareReads = 4000;

    bool IsPinned => cores == Options.ServerCore;

    public async Task<Race> Run()
    {
        await using var cluster = IsPinned && Postgres.IsInstalled ? await Postgres.Start(paths, "refresh", Options.DriverCore) : null;
        List<Peer> peers = [.. Field.All(paths)];
        foreach (var rotates in cluster is null ? (bool[])[] : [false, true])
            peers.Add(Field.OnPostgres(paths, await PostgresStore.Create(cluster!, rotates ? "rotating" : "steady"), rotates));
        var servers = new List<ServerProcess>();
        try
        {
            var loops = new List<(Peer Peer, ClosedLoop Loop)>();
            foreach (var peer in peers.Where(peer => options.Wants(peer.Name)))
            {
                Console.Error.WriteLine($"starting {peer.Name}");
                var server = await peer.Start(http, paths.Fresh($"{peer.Name} {cores}"), cores);
                servers.Add(server);
                await peer.Prepare(http);
                loops.Add((peer, await ClosedLoop.SignIn(peer, server, http, Options.Connections)));
            }
            return await Rounds(loops, cluster);
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    async Task<Race> Rounds(List<(Peer Peer, ClosedLoop Loop)> loops, Postgres? cluster)
    {
        var race = new Race(loops.Select(entry => entry.Peer.Name));
        for (var round = 0; round <= options.Rounds; round++) // round 0 warms up: compilers, caches, connections
        {
            // Every other round runs backwards, so that nobody always follows the same neighbour.
            foreach (var (peer, loop) in round % 2 == 0 ? loops : Enumerable.Reverse(loops))
            {
                var requests = Math.Max(Options.Connections, (int)((round == 0 ? peer.WarmUp : peer.Requests) * options.Scale));
                var before = cluster?.Cpu();
                var (sample, bare) = IsPinned ? await BareCost.Beside(paths, "signatures", () => loop.Run(requests)) : (await loop.Run(requests), double.NaN);
                sample = sample with { BareMicroseconds = bare };
                if (peer is PoolhousePeer { Database: { } database } && cluster?.Cpu() - before is { } worked)
                    sample = sample with { DatabaseMicroseconds = worked.TotalMicroseconds / requests, BareReadMicroseconds = await BareCost.Of(paths, "read", BareReads, database) };
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"round {round}  {sample.PerSecond,7:F0}/s {sample.CpuMicroseconds,8:F0} µs {sample.OverBare:F3}  {peer.Name}"));
                if (round > 0) race.Add(peer.Name, sample);
            }
        }
        return race;
    }
}

/// All rounds of all contestants.
sealed class Race(IEnumerable<string> names)
{
    readonly Dictionary<string, List<Sample>> _samples = names.ToDictionary(name => name, _ => new List<Sample>());

    /// What was bare beside them, all of it.
    public IEnumerable<double> Bare => _samples.Values.SelectMany(list => list).Select(sample => sample.BareMicroseconds);
    public IReadOnlyDictionary<string, List<Sample>> Samples => _samples;

    public void Add(string name, Sample sample) => _samples[name].Add(sample);

    /// The median over rounds of what a contestant spends beside the bare cost of the same moment.
    public double? OverBare(string name) => Median(name, sample => sample.OverBare);

    /// The same where the bare cost is that of the way to the database and back too.
    public double? OverBareAndRead(string name) => Median(name, sample => sample.CpuMicroseconds / (sample.BareMicroseconds + sample.BareReadMicroseconds));

    double? Median(string name, Func<Sample, double> of) => _samples.TryGetValue(name, out var list) ? list.Select(of).Median() : null;

    /// The median over rounds of how many times as many refreshes one makes as another.
    public double? Faster(string name, string than) =>
        _samples.TryGetValue(name, out var mine) && _samples.TryGetValue(than, out var theirs)
            ? mine.Zip(theirs, (a, b) => a.PerSecond / b.PerSecond).Median()
            : null;
}

/// The one statistic that everything here is reported in.
static class Medians
{
    public static double Median(this IEnumerable<double> values) => values.Percentile(0.5);

    public static double Percentile(this IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        var at = share * (sorted.Length - 1);
        var (low, high) = (sorted[(int)at], sorted[(int)Math.Ceiling(at)]);
        return low + (high - low) * (at - (int)at);
    }
}
