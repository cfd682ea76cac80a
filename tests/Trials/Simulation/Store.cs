using System.Data.Common;
using Microsoft.Data.Sqlite;
using Poolhouse.Core;
using Poolhouse.Storage;
using Poolhouse.Storage.Engines;

namespace Poolhouse.Trials.Simulation;

/// <summary>The database that all nodes share: SQLite in memory, with the product's own schema and statements, one transaction after another.</summary>
sealed class Store : IDisposable
{
    static int made;

    readonly SqliteConnection connection;
    readonly SqliteReaders readers;
    readonly TransactionControl control;
    readonly Statements statements;
    SqliteConnection? backup;

    public Store(long now)
    {
        var text = $"Data Source=store{Interlocked.Increment(ref made)};Mode=Memory;Cache=Shared";
        connection = new(text);
        connection.Open();
        Migrator.Run(connection, Dialect.Sqlite, Migrator.Known, now, () => true, CancellationToken.None).GetAwaiter().GetResult();
        control = new(connection);
        statements = new(connection, null, keep: true);
        readers = new(text);
    }

    public ValueTask<Reader> Reader(CancellationToken cancel) => readers.Rent(cancel);

    /// <summary>How often an older copy has taken its place.</summary>
    public int Restored { get; private set; }

    /// <summary>Told of what a transaction has announced.</summary>
    public Action<IReadOnlyList<Change>> Committed { get; set; } = _ => { };

    /// <summary>One transaction, whole or not at all.</summary>
    public T Run<T>(Func<Tx, Task<T>> work, long now)
    {
        control.Begin();
        var tx = new Tx(statements, Dialect.Sqlite, now, bound: true);
        try
        {
            var running = tx.Run(work);
            if (!running.IsCompleted) throw new InvalidOperationException(Tx.HoldsSqlOnly);
            var result = running.GetAwaiter().GetResult();
            control.Commit();
            if (tx.Changed.Count > 0) Committed(tx.Changed);
            return result;
        }
        catch
        {
            control.Rollback();
            throw;
        }
        finally
        {
            tx.Close();
        }
    }

    public List<T> Rows<T>(string sql, Func<DbDataReader, T> map)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(map(reader));
        return rows;
    }

    public void BackUp()
    {
        backup?.Dispose();
        backup = new("Data Source=:memory:");
        backup.Open();
        connection.BackupDatabase(backup);
    }

    /// <summary>Puts the copy back, and declares it.</summary>
    public void Restore(long now)
    {
        backup!.BackupDatabase(connection);
        Restored++;
        Run(async tx =>
        {
            await Restoration.Declare(tx, keepSessions: false);
            return true;
        }, now);
    }

    public bool HasBackup => backup is not null;

    public void Dispose()
    {
        readers.DisposeAsync().AsTask().Wait();
        statements.Dispose();
        control.Dispose();
        connection.Dispose();
        backup?.Dispose();
    }
}

/// <summary>The way of one node to the store. A write waits for its turn; it may be lost on its way there, or its answer on the way back.</summary>
sealed class SimEngine(Store store, Agenda agenda, Life life, TimeProvider clock) : IEngine
{
    public Dialect Dialect => Dialect.Sqlite;

    public bool CutOff { get; set; }

    /// <summary>How many of a thousand writes lose their answer.</summary>
    public int Lossy { get; set; }

    public ValueTask<Reader> Reader(CancellationToken cancel) => CutOff ? throw Lost() : store.Reader(cancel);

    public long Now => clock.UnixMs();

    public string? NotReady => null;

    public int Waiting => 0;

    public Action<IReadOnlyList<Change>> Announced { get; set; } = _ => { };

    public Task<string?> Lineage(CancellationToken cancel) => Task.FromResult<string?>(null);

    public Task<T> Write<T>(Func<Tx, Task<T>> work, bool evenIfFull)
    {
        var told = new TaskCompletionSource<T>();
        var whose = store.Restored;
        var delay = agenda.Chance.Of(0.02) ? agenda.Chance.Between(0, 1500) : agenda.Chance.Between(0, 20_000) / 1000.0;
        // Not the node's turn but the store's: what was sent is done, or not, whether or not its sender still lives.
        agenda.In(delay, () =>
        {
            var lost = whose != store.Restored || CutOff || (life.Ended && agenda.Chance.Of(0.5));
            Arrive(work, told, lost);
        });
        return told.Task;
    }

    public ValueTask DisposeAsync() => default;

    void Arrive<T>(Func<Tx, Task<T>> work, TaskCompletionSource<T> told, bool lost)
    {
        Exception? fault = null;
        T result = default!;
        try
        {
            if (!lost) result = store.Run(work, Now);
        }
        catch (Exception e)
        {
            fault = Member.Told(e, Dialect);
        }
        lost |= agenda.Chance.Below(1000) < Lossy;
        if (life.Ended) return;
        // In the node it is the node's turn again.
        agenda.In(0, () =>
        {
            if (lost) told.SetException(new StorageUnavailableException("The connection is gone; nobody knows what became of the write."));
            else if (fault is not null) told.SetException(fault);
            else told.SetResult(result);
        }, life);
    }

    static SqliteException Lost() => new("The store cannot be reached.", 5);
}
