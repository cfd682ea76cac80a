using Microsoft.Data.Sqlite;

namespace Poolhouse.Storage.Engines;

/// <summary>
/// The connections that read a file of SQLite. They are kept here and not in the pool of the driver, which would forget their
/// prepared statements: preparing one costs more than a lookup by key.
/// </summary>
sealed class SqliteReaders(string connectionString) : IAsyncDisposable
{
    // A read holds its thread, so that no more are in use than threads run; after a burst the rest are closed.
    const int MostIdle = 16;

    readonly Lock changing = new();
    readonly Stack<Reader> idle = new();
    bool disposed;

    public async ValueTask<Reader> Rent(CancellationToken cancel)
    {
        lock (changing)
            if (idle.TryPop(out var reader)) return reader;
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancel);
            return new(connection, GiveBack);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Reader[] last;
        lock (changing)
        {
            disposed = true;
            last = [.. idle];
            idle.Clear();
        }
        foreach (var reader in last) await reader.Close();
    }

    ValueTask GiveBack(Reader reader)
    {
        lock (changing)
        {
            if (!disposed && idle.Count < MostIdle)
            {
                idle.Push(reader);
                return default;
            }
        }
        return reader.Close();
    }
}
