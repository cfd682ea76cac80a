using Microsoft.Extensions.Logging.Abstractions;

namespace Poolhouse.Storage.Tests;

/// <summary>One fresh database for one test, on either product, with the schema of the program in it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    readonly List<Database> opened = [];
    readonly string directory;

    TestDatabase(StorageOptions options, TimeProvider time)
    {
        Options = options;
        Time = time;
        directory = options.DataDirectory;
    }

    public StorageOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>The node that serves.</summary>
    public Database Database => opened[0];

    /// <param name="time">A fake clock also rules timers: polls and purges happen when it is advanced.</param>
    public static async Task<TestDatabase> Open(Product product, TimeProvider? time = null, Action<Exception>? onFatal = null)
    {
        var test = await Prepare(product, time);
        try
        {
            test.opened.Add(await Database.Open(test.Options, test.Opening() with { OnFatal = onFatal }, test.Time, NullLogger<Database>.Instance, default));
            return test;
        }
        catch
        {
            await test.DisposeAsync();
            throw;
        }
    }

    /// <summary>The place for a database, and nothing in it yet.</summary>
    public static async Task<TestDatabase> Prepare(Product product, TimeProvider? time = null)
    {
        var directory = Directory.CreateTempSubdirectory("ph-db-").FullName;
        var text = product == Product.Postgres ? await PostgresCluster.NewDatabase() : null;
        return new TestDatabase(new StorageOptions(directory, text, BallastMegabytes: 0), time ?? TimeProvider.System);
    }

    /// <summary>Another process on the same data: a second node, or a command beside the one that has SQLite open.</summary>
    public Task<Database> Another() => Options.ConnectionString is null ? Beside() : Open(Opening());

    /// <summary>A command beside the nodes: it sends no NOTIFY, and what it changes is found by polling.</summary>
    public Task<Database> Beside() => Open(Opening() with { Mode = OpenMode.Beside });

    async Task<Database> Open(Opening opening)
    {
        opened.Add(await Database.Open(Options, opening, Time, NullLogger<Database>.Instance, default));
        return opened[^1];
    }

    /// <summary>A table to write into, for tests that need no store.</summary>
    public Task Sql(string sql) => Database.Write(tx => tx.Execute(sql));

    public Task<long> Number(string sql) => Database.One(sql, r => r.GetInt64(0), default);

    public async ValueTask DisposeAsync()
    {
        for (var i = opened.Count - 1; i >= 0; i--) await opened[i].DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    Opening Opening() => new(DatabaseClock: Time == TimeProvider.System);
}
