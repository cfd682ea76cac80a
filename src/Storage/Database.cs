using System.Data.Common;
using Microsoft.Extensions.Logging;
using Poolhouse.Storage.Engines;

namespace Poolhouse.Storage;

/// <summary>The one door to the data: reads anywhere, writes as short transactions that are durable when they return.</summary>
public sealed class Database : IAsyncDisposable
{
    readonly IEngine engine;
    int disposed;

    internal Database(IEngine engine, StorageOptions options, TimeProvider time, ILogger log)
    {
        this.engine = engine;
        Changes = new Changes(this, time, log);
        Purger = new Purger(this, TimeSpan.FromSeconds(options.PurgeSeconds), time, log);
        engine.Announced = Changes.Announce;
    }

    public Dialect Dialect => engine.Dialect;

    /// <summary>Unix milliseconds by the clock that all nodes share.</summary>
    public long Now => engine.Now;

    /// <summary>Why this node should get no requests now; null when it should.</summary>
    public string? NotReady => engine.NotReady ?? (Changes.Unreadable ? "The database cannot be read." : null);

    public bool Ready => NotReady is null;

    /// <summary>What tells this database from an older copy of it: PostgreSQL's system identifier and timeline. Null on SQLite.</summary>
    public async Task<string?> Lineage(CancellationToken cancel)
    {
        try
        {
            return await engine.Lineage(cancel);
        }
        catch (Exception e) when (Dialect.Classify(e) == Failure.Unavailable)
        {
            throw Unanswered(e);
        }
    }

    /// <summary>How many writes wait for their turn.</summary>
    public int Waiting => engine.Waiting;

    public Changes Changes { get; }

    public Purger Purger { get; }

    public static Task<Database> Open(StorageOptions options, TimeProvider time, ILogger<Database> log, CancellationToken cancel) =>
        Open(options, new Opening(), time, log, cancel);

    /// <summary>Opens the data, brings its schema up to date and starts what runs beside it.</summary>
    public static async Task<Database> Open(
        StorageOptions options, Opening opening, TimeProvider time, ILogger<Database> log, CancellationToken cancel)
    {
        IEngine engine = options.ConnectionString is null
            ? await SqliteEngine.Open(options, opening, time, log, cancel)
            : await PostgresEngine.Open(options, opening, time, log, cancel);
        var database = new Database(engine, options, time, log);
        try
        {
            await database.Changes.Start(running: opening.Mode == OpenMode.Exclusive);
            if (opening.Mode == OpenMode.Exclusive) database.Purger.Start();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first row, or the default of <typeparamref name="T"/> if there is none.</summary>
    public Task<T?> One<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancel, params (string Name, object? Value)[] parameters) =>
        Read(statements => statements.One(sql, map, parameters, cancel), cancel);

    public Task<List<T>> Many<T>(
        string sql, Func<DbDataReader, T> map, CancellationToken cancel, params (string Name, object? Value)[] parameters) =>
        Read(statements => statements.Many(sql, map, parameters, cancel), cancel);

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns when it is durable. The work may be run more than once
    /// and returns an outcome: a refusal thrown inside would roll back what it is about.
    /// </summary>
    public Task<T> Write<T>(Func<Tx, Task<T>> work) => Measured(work, evenIfFull: false);

    /// <inheritdoc cref="Write{T}"/>
    public Task Write(Func<Tx, Task> work) => Measured(Nothing(work), evenIfFull: false);

    /// <summary>As <see cref="Write{T}"/>, and the reserved space is given up for it on a full disk: for revocations only.</summary>
    public Task<T> WriteEvenIfFull<T>(Func<Tx, Task<T>> work) => Measured(work, evenIfFull: true);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await Purger.DisposeAsync();
        await Changes.DisposeAsync();
        await engine.DisposeAsync();
    }

    async Task<T> Read<T>(Func<Statements, Task<T>> read, CancellationToken cancel)
    {
        using var measured = DatabaseTelemetry.OfRead();
        try
        {
            await using var reader = await engine.Reader(cancel);
            return await read(reader.Statements);
        }
        catch (Exception e) when (Dialect.Classify(e) == Failure.Unavailable)
        {
            throw Unanswered(e);
        }
    }

    static StorageUnavailableException Unanswered(Exception e) => new("The database does not answer.", e);

    async Task<T> Measured<T>(Func<Tx, Task<T>> work, bool evenIfFull)
    {
        using var measured = DatabaseTelemetry.OfWrite();
        return await engine.Write(Caused(work), evenIfFull);
    }

    // Taken here, since the work may run on the thread that writes for everybody.
    static Func<Tx, Task<T>> Caused<T>(Func<Tx, Task<T>> work)
    {
        if (Cause.Current is not { } cause) return work;
        return tx =>
        {
            tx.Cause = cause;
            return work(tx);
        };
    }

    static Func<Tx, Task<bool>> Nothing(Func<Tx, Task> work) => async tx =>
    {
        await work(tx);
        return true;
    };
}
