using System.Data.Common;
using System.Text.RegularExpressions;

namespace Poolhouse.Bff.Store;

/// <summary>
/// Sessions in a database that the application gives, with one SQL text for SQLite and PostgreSQL. A write is one statement, and the number of rows that it
/// changed is the answer; there is no transaction that a node could hold open and die with.
/// </summary>
sealed partial class DatabaseSessionStore : IBffSessionStore, IDisposable
{
    /// <summary>The name of the table where none is given.</summary>
    public const string Table = "bff_sessions";

    const string Columns = "id, version, user_key, provider_key, payload, forget_at";
    const int TriesToCreate = 5;

    readonly DbDataSource source;
    readonly string table;
    readonly SemaphoreSlim creating = new(1);
    // SQLite has one writer, and its driver waits for another's end by sleeping on the thread, 150 ms at a time: the writers of this process queue before it.
    readonly SemaphoreSlim? oneWriter;
    volatile bool created;

    public DatabaseSessionStore(DbDataSource source, string table)
    {
        CheckName(table);
        (this.source, this.table) = (source, table);
        using var connection = source.CreateConnection();
        if (connection.GetType().Name == "SqliteConnection") oneWriter = new(1);
    }

    public static void CheckName(string table)
    {
        // The name becomes part of the SQL.
        if (!Name().IsMatch(table)) throw new ArgumentException($"A table's name is 1 to 40 lower-case letters, digits and underscores, not '{table}'.", nameof(table));
    }

    public async ValueTask<bool> TryAddAsync(BffSessionRecord record, CancellationToken cancel) => await Write(
        $"insert into {table} ({Columns}) values (@id, @version, @user, @provider, @payload, @forget) on conflict (id) do nothing", record);

    public async ValueTask<bool> TryReplaceAsync(BffSessionRecord record, CancellationToken cancel) => await Write($"""
        update {table} set version = @version, user_key = @user, provider_key = @provider, payload = @payload, forget_at = @forget
         where id = @id and version = @version - 1
        """, record);

    public async ValueTask<BffSessionRecord?> FindAsync(string id, CancellationToken cancel) => (await Read("id", id, cancel)).SingleOrDefault();

    public async ValueTask<IReadOnlyList<BffSessionRecord>> FindByUserAsync(string userKey, CancellationToken cancel) => await Read("user_key", userKey, cancel);

    public async ValueTask<IReadOnlyList<BffSessionRecord>> FindByProviderSessionAsync(string providerSessionKey, CancellationToken cancel) => await Read("provider_key", providerSessionKey, cancel);

    public async ValueTask RemoveForgottenAsync(long now, CancellationToken cancel)
    {
        await using var connection = await Open(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = $"delete from {table} where forget_at < @now";
        Add(command, "@now", now);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public void Dispose()
    {
        creating.Dispose();
        oneWriter?.Dispose();
    }

    // A write is not cancelled: whoever hangs up must not leave a commit in doubt.
    async Task<bool> Write(string sql, BffSessionRecord record)
    {
        if (oneWriter is not null) await oneWriter.WaitAsync(CancellationToken.None);
        try
        {
            return await Execute(sql, record);
        }
        finally
        {
            oneWriter?.Release();
        }
    }

    async Task<bool> Execute(string sql, BffSessionRecord record)
    {
        await using var connection = await Open(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Add(command, "@id", record.Id);
        Add(command, "@version", record.Version);
        Add(command, "@user", record.UserKey);
        Add(command, "@provider", record.ProviderSessionKey);
        Add(command, "@payload", record.Payload);
        Add(command, "@forget", record.ForgetAt);
        return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
    }

    async Task<List<BffSessionRecord>> Read(string column, string value, CancellationToken cancel)
    {
        await using var connection = await Open(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = $"select {Columns} from {table} where {column} = @value";
        Add(command, "@value", value);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<BffSessionRecord>();
        while (await reader.ReadAsync(cancel))
            found.Add(new(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4), reader.GetInt64(5)));
        return found;
    }

    async Task<DbConnection> Open(CancellationToken cancel)
    {
        if (!created) await Create(cancel);
        return await source.OpenConnectionAsync(cancel);
    }

    async Task Create(CancellationToken cancel)
    {
        await creating.WaitAsync(cancel);
        try
        {
            for (var tries = 1; !created; tries++)
            {
                try
                {
                    await using var connection = await source.OpenConnectionAsync(cancel);
                    await using var command = connection.CreateCommand();
                    command.CommandText = $"""
                        create table if not exists {table} (id text not null primary key, version bigint not null, user_key text, provider_key text, payload text not null, forget_at bigint not null);
                        create index if not exists {table}_user on {table} (user_key);
                        create index if not exists {table}_provider on {table} (provider_key);
                        create index if not exists {table}_forget on {table} (forget_at);
                        """;
                    await command.ExecuteNonQueryAsync(cancel);
                    created = true;
                }
                catch (DbException) when (tries < TriesToCreate)
                {
                    // PostgreSQL's "if not exists" is no lock: of nodes that start together all but one may fail, and find the table when they look again.
                    await Task.Delay(TimeSpan.FromMilliseconds(50 * tries), cancel);
                }
            }
        }
        finally
        {
            creating.Release();
        }
    }

    static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }

    [GeneratedRegex("^[a-z0-9_]{1,40}$")]
    private static partial Regex Name();
}
