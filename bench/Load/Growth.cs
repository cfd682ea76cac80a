using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Poolhouse.Load;

/// Latency of one refresh at a time with few and with many sessions stored.
sealed record GrowthResult(int Few, int Many, double FewP50, double ManyP50, double FewP99, double ManyP99);

/// Two servers that differ in the number of stored sessions only, asked in turn.
sealed class Growth(Options options, Paths paths, HttpClient http)
{
    const int Few = 1000;
    // Spread over the whole table by their random ids, so that no page of it is always the hot one.
    const int Refreshed = 200;
    const int Passes = 10;

    public async Task<GrowthResult> Run()
    {
        await using var few = await Side.With(Few, paths, http);
        await using var many = await Side.With(options.Sessions, paths, http);
        for (var pass = 0; pass <= Passes; pass++)
            foreach (var side in pass % 2 == 0 ? new[] { few, many } : [many, few])
                await side.Pass(keep: pass > 0);
        return new(Few, options.Sessions, few.Took.Median(), many.Took.Median(), few.Took.Percentile(0.99), many.Took.Percentile(0.99));
    }

    /// One of the two servers.
    sealed class Side(ServerProcess server, ClosedLoop loop) : IAsyncDisposable
    {
        public List<double> Took { get; } = [];

        public static async Task<Side> With(int sessions, Paths paths, HttpClient http)
        {
            var peer = Field.Poolhouse(paths, rotates: false);
            var data = paths.Fresh($"growth-{sessions}");
            var tokens = new string[Refreshed];
            await using (await peer.Start(http, data, Options.ServerCore))
                for (var i = 0; i < Refreshed; i++) tokens[i] = await peer.SignIn(http);

            Console.Error.WriteLine($"storing {sessions} sessions");
            Fill(Path.Combine(data, "data/poolhouse.db"), sessions);
            var server = await peer.Start(http, data, Options.ServerCore);
            return new(server, new(peer, server, http, tokens));
        }

        /// Refreshes every session once, in a new order.
        public async Task Pass(bool keep)
        {
            var order = Enumerable.Range(0, Refreshed).ToArray();
            RandomNumberGenerator.Shuffle<int>(order);
            foreach (var session in order)
            {
                var took = await loop.Refresh(session);
                if (keep) Took.Add(took);
            }
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }

    /// Copies of a real session under random ids and users, as many as are missing. The server is not running.
    static void Fill(string file, int sessions)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        const string id = "lower(substr(h,1,8)||'-'||substr(h,9,4)||'-'||substr(h,13,4)||'-'||substr(h,17,4)||'-'||substr(h,21,12))";
        command.CommandText = "pragma table_info(sessions)";
        var columns = new List<string>();
        using (var rows = command.ExecuteReader())
            while (rows.Read()) columns.Add(rows.GetString(1));
        var values = columns.Select(column => column switch
        {
            "id" => id.Replace("h,", "h1,", StringComparison.Ordinal),
            "user_sub" => id.Replace("h,", "h2,", StringComparison.Ordinal),
            "salt" => "randomblob(length(salt))",
            _ => column,
        });
        command.CommandText = $"""
            with recursive n(i) as (select 1 union all select i + 1 from n where i < @missing),
                 ids(h1, h2) as materialized (select hex(randomblob(16)), hex(randomblob(16)) from n)
            insert into sessions ({string.Join(", ", columns)})
            select {string.Join(", ", values)} from ids, (select * from sessions limit 1)
            """;
        command.Parameters.AddWithValue("@missing", sessions - Refreshed);
        if (command.ExecuteNonQuery() != sessions - Refreshed) throw new BenchException("not all sessions were stored");
    }
}
