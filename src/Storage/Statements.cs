using System.Data.Common;

namespace Poolhouse.Storage;

/// <summary>
/// The prepared statements of one connection. Connections to SQLite keep them, since preparing costs more than running; those to
/// PostgreSQL are prepared by their driver, and each command is made for one use.
/// </summary>
sealed class Statements(DbConnection connection, DbTransaction? transaction, bool keep) : IDisposable
{
    // Texts are constants of the stores; the bound only guards against a store that builds them (filters of ListUsers).
    const int MostKept = 256;

    readonly Dictionary<string, DbCommand>? kept = keep ? new(StringComparer.Ordinal) : null;

    /// <summary>Whether one of them has thrown: who reads does not use such a connection again.</summary>
    public bool Failed { get; private set; }

    /// <summary>The first row, or the default of <typeparamref name="T"/> if there is none.</summary>
    public Task<T?> One<T>(string sql, Func<DbDataReader, T> map, (string Name, object? Value)[] parameters, CancellationToken cancel) =>
        Use(sql, parameters, async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            return await reader.ReadAsync(cancel) ? map(reader) : default;
        });

    public Task<List<T>> Many<T>(string sql, Func<DbDataReader, T> map, (string Name, object? Value)[] parameters, CancellationToken cancel) =>
        Use(sql, parameters, async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancel)) rows.Add(map(reader));
            return rows;
        });

    /// <summary>Runs one statement; the number of rows it changed is usually the answer.</summary>
    public Task<int> Execute(string sql, (string Name, object? Value)[] parameters) =>
        Use(sql, parameters, command => command.ExecuteNonQueryAsync(CancellationToken.None));

    public void Dispose()
    {
        if (kept is null) return;
        foreach (var command in kept.Values) command.Dispose();
        kept.Clear();
    }

    async Task<T> Use<T>(string sql, (string Name, object? Value)[] parameters, Func<DbCommand, Task<T>> run)
    {
        var command = Rent(sql, parameters);
        var good = false;
        try
        {
            var result = await run(command);
            good = true;
            return result;
        }
        finally
        {
            Return(command, good);
        }
    }

    DbCommand Rent(string sql, (string Name, object? Value)[] parameters)
    {
        if (kept is not null && kept.Remove(sql, out var known) && Refill(known, parameters)) return known;
        return Fill(connection.CreateCommand(), transaction, sql, parameters);
    }

    // While it is rented it is not in the table, so a nested use gets one of its own. After an error it is not kept: a statement
    // that stands half-way must not hold up the commit.
    void Return(DbCommand command, bool good)
    {
        Failed |= !good;
        if (!good || kept is null || kept.Count >= MostKept || !kept.TryAdd(command.CommandText, command)) command.Dispose();
    }

    public static DbCommand Fill(DbCommand command, DbTransaction? transaction, string sql, (string Name, object? Value)[] parameters)
    {
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    static bool Refill(DbCommand command, (string Name, object? Value)[] parameters)
    {
        if (command.Parameters.Count != parameters.Length) return Refuse(command);
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = command.Parameters[i];
            if (!parameter.ParameterName.AsSpan(1).SequenceEqual(parameters[i].Name)) return Refuse(command);
            parameter.Value = parameters[i].Value ?? DBNull.Value;
        }
        return true;
    }

    static bool Refuse(DbCommand command)
    {
        command.Dispose();
        return false;
    }
}
