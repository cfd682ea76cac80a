using System.Text;
using static Poolhouse.Load.Report;

namespace Poolhouse.Load.Scaling;

/// What grows with the number of users and sessions, and with the number of nodes.
sealed record ScalingResults(List<GrownStore> Stores, List<NodesCost> Nodes);

/// Growth, on the page.
static class ScalingReport
{
    public static void Write(StringBuilder page, ScalingResults results)
    {
        foreach (var store in results.Stores) Grown(page, store);
        if (results.Nodes.Count > 0) ManyNodes(page, results.Nodes);
    }

    static void Grown(StringBuilder page, GrownStore store)
    {
        Line(page, $"\n## Users and sessions stored, {store.Name}\n");
        Line(page, $"One operation at a time. *Server* is CPU of the server's process; *database* is CPU of PostgreSQL's processes, and what was written to its log; on SQLite the engine is part of the server, and what the process sent to the disk is written.\n");
        Line(page, "| | stored | p50 | p99 | ÷ fewest | server | database | written | measured |\n|---|---|---|---|---|---|---|---|---|");
        foreach (var operation in store.Sides[0].Costs.Keys)
            foreach (var (size, _, costs, _) in store.Sides)
            {
                var cost = costs[operation];
                var (count, took) = (cost.Milliseconds.Count, cost.Milliseconds);
                Line(page, $"| {operation} | {size:N0} | {took.Median():F2} ms | {took.Percentile(0.99):F2} ms | {took.Median() / store.Sides[0].Costs[operation].Milliseconds.Median():F2} "
                    + $"| {cost.ServerCpu.TotalMilliseconds / count:F2} ms | {cost.Database.Cpu.TotalMilliseconds / count:F2} ms | {cost.Database.Written / 1024.0 / count:F1} KB | {count:N0} |");
            }
        Line(page, $"\n{store.Sides[0].Purge.Rows:N0} expired sessions were deleted beside them; refreshes one at a time meanwhile:\n");
        Line(page, "| stored | bytes per user and session, indexes included | took | server, per 1,000 | database | written | refreshes, p50 | p99 | measured |\n|---|---|---|---|---|---|---|---|---|");
        foreach (var (size, bytes, _, purge) in store.Sides)
        {
            var thousands = purge.Rows / 1000.0;
            Line(page, $"| {size:N0} | {bytes / (double)size:N0} | {purge.Took.TotalSeconds:F2} s | {purge.ServerCpu.TotalMilliseconds / thousands:F0} ms | {purge.Database.Cpu.TotalMilliseconds / thousands:F0} ms "
                + $"| {purge.Database.Written / 1024.0 / thousands:F0} KB | {purge.Refreshes.Median():F2} ms | {purge.Refreshes.Percentile(0.99):F2} ms | {purge.Refreshes.Length:N0} |");
        }
    }

    static void ManyNodes(StringBuilder page, List<NodesCost> nodes)
    {
        Line(page, $"\n## Nodes over one PostgreSQL, refreshes in a closed loop, {Options.Connections} connections\n");
        Line(page, "All nodes and the database share one core, so that a rate is one per core. CPU is per refresh, of all nodes that were asked, and of PostgreSQL.\n");
        Line(page, "| rotation | nodes | refreshes/s | lowest–highest | ÷ one node | nodes' CPU | database's CPU |\n|---|---|---|---|---|---|---|");
        foreach (var cost in nodes)
            Line(page, $"| {(cost.Rotates ? "on" : "off")} | {cost.Nodes} | {cost.PerSecond.Median():F0} | {cost.PerSecond.Min():F0}–{cost.PerSecond.Max():F0} "
                + $"| {cost.PerSecond.Median() / nodes.First(one => one.Rotates == cost.Rotates).PerSecond.Median():F2} | {cost.ServerCpu.Median():F0} µs | {cost.DatabaseCpu.Median():F0} µs |");
    }
}
