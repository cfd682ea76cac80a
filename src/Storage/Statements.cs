using System.Data.Common;
using Npgsql;
using Poolhouse.Storage.Engines;

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
    public async Task<T?> One<T>(string sql, Func<DbDataReader, T> map, (string Name, object? Value)[] parameters, CancellationToken cancel)
    {
        using var rented = new Rented(this, sql, parameters);
        T? first;
        await using (var reader = await rented.Command.ExecuteReaderAsync(cancel)) first = await reader.ReadAsync(cancel) ? map(reader) : default;
        return rented.Good(first);
    }

    public async Task<List<T>> Many<T>(string sql, Func<DbDataReader, T> map, (string Name, object? Value)[] parameters, CancellationToken cancel)
    {
        using var rented = new Rented(this, sql, parameters);
        var rows = new List<T>();
        await using (var reader = await rented.Command.ExecuteReaderAsync(cancel))
            while (await reader.ReadAsync(cancel)) rows.Add(map(reader));
        return rented.Good(rows);
    }

    /// <summary>Runs one statement; the number of rows it changed is usually the answer.</summary>
    public async Task<int> Execute(string sql, (string Name, object? Value)[] parameters)
    {
        using var rented = new Rented(this, sql, parameters);
        return rented.Good(await rented.Command.ExecuteNonQueryAsync(CancellationToken.None));
    }

    public void Dispose()
    {
        if (kept is null) return;
        foreach (var command in kept.Values) command.Dispose();
        kept.Clear();
    }

    DbCommand Rent(string sql, (string Name, object? Value)[] parameters)
    {
        if (kept is not null && kept.Remove(sql, out var known) && Refill(known, parameters)) return known;
        return Fill(connection.CreateCommand(), transaction, sql, parameters);
    }

    // While it is rented it is not in the table, so a nested use gets one of its own. After an error it is not kept: a statement
    // that stands half-way must not hold up the commit.
    void Return(string sql, DbCommand command, bool good)
    {
        Failed |= !good;
        if (!good || kept is null || kept.Count >= MostKept || !kept.TryAdd(sql, command)) command.Dispose();
    }

    public static DbCommand Fill(DbCommand command, DbTransaction? transaction, string sql, (string Name, object? Value)[] parameters)
    {
        command.Transaction = transaction;
        if (command is NpgsqlCommand)
        {
            var numbered = NumberedSql.Of(sql);
            command.CommandText = numbered.Text;
            foreach (var value in numbered.InOrder(parameters)) Add(null, value);
            return command;
        }
        command.CommandText = sql;
        foreach (var (name, value) in parameters) Add("@" + name, value);
        return command;

        void Add(string? name, object? value)
        {
            var parameter = command.CreateParameter();
            if (name is not null) parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }
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

    /// <summary>A statement while it is used.</summary>
    sealed class Rented(Statements statements, string sql, (string Name, object? Value)[] parameters) : IDisposable
    {
        bool good;

        public DbCommand Command { get; } = statements.Rent(sql, parameters);

        /// <summary>Passes on what came out well, the end of its reader included.</summary>
        public T Good<T>(T result)
        {
            good = true;
            return result;
        }

        public void Dispose() => statements.Return(sql, Command, good);
    }
}
