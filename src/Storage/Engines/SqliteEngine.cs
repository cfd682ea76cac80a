using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Poolhouse.Core;
using SQLitePCL;

namespace Poolhouse.Storage.Engines;

/// <summary>The embedded default: one file, readers in parallel, one writer behind <see cref="WriteGate"/>.</summary>
sealed class SqliteEngine : IEngine
{
    static readonly Version Oldest = new(3, 51, 3);

    readonly DataDirectory directory;
    readonly Ballast ballast;
    readonly WriteGate gate;
    readonly TimeProvider time;
    readonly SqliteReaders readers;

    SqliteEngine(DataDirectory directory, Ballast ballast, WriteGate gate, TimeProvider time)
    {
        this.directory = directory;
        this.ballast = ballast;
        this.gate = gate;
        this.time = time;
        readers = new(Text(directory, SqliteOpenMode.ReadOnly));
    }

    public Dialect Dialect => Dialect.Sqlite;

    public long Now => time.UnixMs();

    public int Waiting => gate.Waiting;

    public string? NotReady => gate.Broken is null ? null : "The result of a commit is unknown; the server stops.";

    public Action<IReadOnlyList<Change>> Announced
    {
        set => gate.Committed = value;
    }

    // A file does not know that it was copied back: every start counts as a restore.
    public Task<string?> Lineage(CancellationToken cancel) => Task.FromResult<string?>(null);

    public static async Task<SqliteEngine> Open(
        StorageOptions options, Opening opening, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        var directory = DataDirectory.Open(options.DataDirectory, opening);
        var connection = new SqliteConnection(Text(directory, SqliteOpenMode.ReadWriteCreate));
        try
        {
            await connection.OpenAsync(cancel);
            // Another process (a command beside the server) may hold the lock for a moment.
            raw.sqlite3_busy_timeout(connection.Handle!, 10_000);
            CheckBuild(Pragma(connection, "select sqlite_version()"), Pragma(connection, "pragma synchronous"), Pragma(connection, "pragma foreign_keys"));
            if (Pragma(connection, "pragma journal_mode") != "wal" && Pragma(connection, "pragma journal_mode = wal") != "wal")
                throw new StorageException("SQLite refuses its write-ahead log here; the data directory must be on a local disk.");
            await Migrator.Run(connection, Dialect.Sqlite, Migrator.Known, time.UnixMs(), opening.Mode == OpenMode.Looking ? () => false : directory.TryLock, cancel);
            if (opening.Mode != OpenMode.Exclusive) directory.Unlock();

            var ballast = new Ballast(directory.BallastFile, opening.Mode != OpenMode.Exclusive ? 0 : options.BallastMegabytes, time, log);
            var gate = new WriteGate(connection, ballast, time, log, opening.OnFatal ?? (_ => { }));
            return new SqliteEngine(directory, ballast, gate, time);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            directory.Dispose();
            if (e is SqliteException) throw new StorageException($"The database {directory.DatabaseFile} cannot be opened: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Up to 3.51.2 a write-ahead log could lose commits under a concurrent checkpoint; anything but FULL can at a power cut.</summary>
    internal static void CheckBuild(string version, string synchronous, string foreignKeys)
    {
        if (Version.Parse(version) < Oldest)
            throw new StorageException($"SQLite {version} can lose commits; {Oldest} or newer is needed.");
        if (synchronous != "2" || foreignKeys != "1")
            throw new StorageException("This build of SQLite is not durable (synchronous = FULL) or does not check foreign keys by default.");
    }

    public ValueTask<Reader> Reader(CancellationToken cancel) => readers.Rent(cancel);

    public Task<T> Write<T>(Func<Tx, Task<T>> work, bool evenIfFull) => gate.Run(work, evenIfFull);

    public async ValueTask DisposeAsync()
    {
        await readers.DisposeAsync();
        await gate.DisposeAsync();
        ballast.Dispose();
        directory.Dispose();
    }

    static string Text(DataDirectory directory, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = directory.DatabaseFile, Mode = mode, Pooling = false, DefaultTimeout = 10 }.ToString();

    static string Pragma(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }
}
