using System.Globalization;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.Scaling;

/// Refreshes of so many nodes over one PostgreSQL, one number for each round. All of them and the database share one core.
sealed record NodesCost(int Nodes, bool Rotates, List<double> PerSecond, List<double> ServerCpu, List<double> DatabaseCpu);

/// One, two and three nodes do the same refreshes, in turn.
sealed class Nodes(Options options, Paths paths, HttpClient http)
{
    const int Most = 3;
    const int Requests = 1500;

    public async Task<List<NodesCost>> Run()
    {
        if (!Postgres.IsInstalled) return [];
        await using var cluster = await Postgres.Start(paths, "nodes");
        var store = await PostgresStore.Create(cluster, "nodes");
        var nodes = new List<(PoolhousePeer Peer, ServerProcess Server)>();
        try
        {
            for (var i = 0; i < Most; i++)
            {
                var peer = store.Peer(paths, rotates: false);
                nodes.Add((peer, await peer.Start(http, paths.Fresh($"node-{i}"), Options.ServerCore)));
            }
            return await Measure(store, cluster, nodes);
        }
        finally
        {
            foreach (var (_, server) in nodes) await server.DisposeAsync();
        }
    }

    async Task<List<NodesCost>> Measure(PostgresStore store, Postgres cluster, List<(PoolhousePeer Peer, ServerProcess Server)> nodes)
    {
        var costs = new List<NodesCost>();
        foreach (var rotates in new[] { false, true })
        {
            var loops = new List<ClosedLoop>();
            foreach (var (peer, server) in nodes)
            {
                var app = store.Peer(paths, rotates);
                app.At(peer.Url);
                loops.Add(await ClosedLoop.SignIn(app, server, http, Options.Connections));
            }
            var own = Enumerable.Range(1, Most).Select(count => new NodesCost(count, rotates, [], [], [])).ToList();
            for (var round = 0; round <= options.Rounds; round++)
                foreach (var cost in round % 2 == 0 ? own : Enumerable.Reverse(own))
                    await Round(cost, cluster, [.. nodes.Take(cost.Nodes).Select(node => node.Server)], loops, keep: round > 0);
            costs.AddRange(own);
        }
        return costs;
    }

    async Task Round(NodesCost cost, Postgres cluster, ServerProcess[] servers, List<ClosedLoop> loops, bool keep)
    {
        var count = Math.Max(Options.Connections, (int)(Requests * options.Scale));
        var (cpu, database) = (servers.Sum(Cpu), cluster.Cpu());
        var sample = await ClosedLoop.Measure(servers[0], Options.Connections, count, connection => loops[connection % servers.Length].Refresh(connection));
        var (spent, worked) = ((servers.Sum(Cpu) - cpu) / count, (cluster.Cpu() - database).TotalMicroseconds / count);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{sample.PerSecond,7:F0}/s {spent,8:F0} µs, database {worked:F0} µs  {cost.Nodes} nodes, rotation {(cost.Rotates ? "on" : "off")}"));
        if (!keep) return;
        cost.PerSecond.Add(sample.PerSecond);
        cost.ServerCpu.Add(spent);
        cost.DatabaseCpu.Add(worked);
    }

    static double Cpu(ServerProcess server) => server.Cpu().TotalMicroseconds;
}
