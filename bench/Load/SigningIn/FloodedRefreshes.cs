using System.Diagnostics;
using System.Globalization;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// How long refreshes took beside something else, and how much of it there was.
sealed class RefreshLatency(string name)
{
    public string Name => name;
    public List<double> Milliseconds { get; } = [];
    public List<double> SignInsPerSecond { get; } = [];
    public double DriverShare { get; set; }
    public double P99 => Milliseconds.Percentile(0.99);
}

/// The refreshes of one server, in quiet and while others sign in.
sealed record FloodedServer(string Place, RefreshLatency Quiet, RefreshLatency[] Flooded)
{
    public double Over(RefreshLatency flooded) => flooded.P99 / Quiet.P99;
}

/// Refreshes at a steady rate while nobody signs in, while many do by password, and while many do by SRP: in every round each in turn.
sealed class FloodedRefreshes(Options options, PoolhousePeer peer, HttpClient crowd)
{
    public const int Connections = 32;

    static readonly TimeSpan Rising = TimeSpan.FromSeconds(1);

    public async Task<FloodedServer> Run(string place, Func<Task> byPassword, Func<Task> bySrp)
    {
        var token = await peer.SignIn(crowd);
        (RefreshLatency Latency, Func<Task>? SignIn)[] cases =
            [(new("nobody signs in"), null), (new("sign-ins by password"), byPassword), (new("sign-ins by SRP"), bySrp)];
        var count = Math.Max(SteadyRefreshes.PerSecond, (int)(6 * SteadyRefreshes.PerSecond * options.Scale));
        for (var round = 0; round <= options.Rounds; round++)
            foreach (var (latency, signIn) in round % 2 == 0 ? cases : cases.Reverse())
                await Measure(latency, signIn, token, count, keep: round > 0);
        return new(place, cases[0].Latency, [.. cases.Skip(1).Select(one => one.Latency)]);
    }

    async Task Measure(RefreshLatency latency, Func<Task>? signIn, string token, int count, bool keep)
    {
        await using var flood = signIn is null ? null : new Flood(Connections, signIn);
        await Task.Delay(Rising);
        var (driver, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var took = await SteadyRefreshes.Run(peer, token, count);
        var share = (Environment.CpuUsage.TotalTime - driver) / Stopwatch.GetElapsedTime(start);
        var rate = flood?.PerSecond ?? 0;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"refreshes: p50 {took.Median():F1} ms, p99 {took.Percentile(0.99):F1} ms, {rate:F0} sign-ins/s, driver {share * 100:F0} %  {latency.Name}"));
        if (!keep) return;
        latency.Milliseconds.AddRange(took);
        latency.SignInsPerSecond.Add(rate);
        latency.DriverShare = Math.Max(latency.DriverShare, share);
    }
}
