using System.Data;
using Npgsql;

namespace Poolhouse.Storage.Engines;

/// <summary>A transaction with the connection it has to itself.</summary>
sealed class PostgresWrite(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    Task? commit;

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    public static async Task<PostgresWrite> Begin(NpgsqlDataSource source)
    {
        var connection = await source.OpenConnectionAsync();
        try
        {
            return new(connection, await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Waits no longer than for any command, and does not call the commit off: PostgreSQL answers a cancelled wait for its
    /// synchronous standby with success, and what it so confirms is lost when that standby takes over.
    /// </summary>
    public async Task Commit()
    {
        commit = Run();
        var patience = connection.CommandTimeout is var seconds and > 0 ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;
        await commit.WaitAsync(patience);
    }

    /// <summary>A commit that still waits keeps its connection until PostgreSQL has answered or is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (commit is { IsCompleted: false }) _ = commit.ContinueWith(async _ => await Close(), TaskScheduler.Default);
        else await Close();
    }

    async Task Run()
    {
        var warned = false;
        connection.Notice += (_, said) => warned |= said.Notice.InvariantSeverity == "WARNING";
        await using var command = new NpgsqlCommand("commit", connection, transaction) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
        // That is how PostgreSQL says that somebody else has called it off.
        if (warned) throw new StorageUnavailableException("The commit is on this server and perhaps on no standby.");
    }

    async Task Close()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
