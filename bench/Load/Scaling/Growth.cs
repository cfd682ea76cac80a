using System.Data.Common;
using System.Diagnostics;
using System.Globalization;

namespace Poolhouse.Load.Scaling;

/// The same operations with few and with many users and sessions, on one database engine.
sealed record GrownStore(string Name, (int Size, long Bytes, Dictionary<string, OperationCost> Costs, PurgeCost Purge)[] Sides)
{
    public double P50Ratio(string operation) => Sides[^1].Costs[operation].Milliseconds.Median() / Sides[0].Costs[operation].Milliseconds.Median();
}

/// How long expired sessions took to go, what that cost, and the refreshes meanwhile.
sealed record PurgeCost(int Rows, TimeSpan Took, TimeSpan ServerCpu, DatabaseWork Database, double[] Refreshes);

/// Servers that differ in what is stored only, asked in turn.
sealed class Growth(Options options, Paths paths, HttpClient http)
{
    const int Passes = 5;
    const int Purged = 5000;

    public int[] Sizes => [1000, options.Sessions / 10, options.Sessions];

    public async Task<List<GrownStore>> Run()
    {
        var grown = new List<GrownStore> { await On("SQLite", size => Task.FromResult<Store>(new SqliteStore(Folder("SQLite", size)))) };
        if (!Postgres.IsInstalled) return grown;
        await using var cluster = await Postgres.Start(paths, "growth");
        grown.Add(await On("PostgreSQL", async size => await PostgresStore.Create(cluster, $"of{size}")));
        return grown;
    }

    string Folder(string store, int size) => paths.Fresh($"growth-{store}-{size}");

    async Task<GrownStore> On(string name, Func<int, Task<Store>> make)
    {
        var sides = new List<Side>();
        try
        {
            foreach (var size in Sizes) sides.Add(await Side.With(size, await make(size), paths, Folder(name, size), http));
            for (var pass = 0; pass <= Passes; pass++)
            {
                Console.Error.WriteLine($"{name}: pass {pass} of {Passes}");
                foreach (var side in pass % 2 == 0 ? sides : Enumerable.Reverse(sides)) await side.Pass(keep: pass > 0, options.Scale);
            }
            var measured = new List<(int, long, Dictionary<string, OperationCost>, PurgeCost)>();
            foreach (var side in sides) measured.Add((side.Size, side.Bytes, side.Costs, await Purge(side)));
            return new(name, [.. measured]);
        }
        finally
        {
            foreach (var side in sides) await side.DisposeAsync();
        }
    }

    /// Sessions that ended long ago are put beside the others; the server deletes them in its next turn, and is asked for refreshes all the while.
    static async Task<PurgeCost> Purge(Side side)
    {
        await using var connection = side.Store.Connect();
        await connection.OpenAsync();
        StoredPeople.Expire(connection, side.Store, Purged);
        var (work, cpu) = (side.Store.Work(side.Server), side.Server.Cpu());
        var (refreshes, began, patience) = (new List<double>(), 0L, Stopwatch.StartNew());
        for (var left = Purged; left > 0;)
        {
            if (patience.Elapsed > TimeSpan.FromMinutes(3)) throw new BenchException($"{left} expired sessions are still there");
            var took = await side.RefreshOne();
            left = StoredPeople.Expired(connection);
            if (left == Purged) (work, cpu) = (side.Store.Work(side.Server), side.Server.Cpu());
            if (left < Purged && began == 0) began = Stopwatch.GetTimestamp();
            if (began != 0) refreshes.Add(took);
        }
        return new(Purged, Stopwatch.GetElapsedTime(began), side.Server.Cpu() - cpu, side.Store.Work(side.Server) - work, [.. refreshes]);
    }
}
