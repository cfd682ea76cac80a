using System.Data.Common;

namespace Poolhouse.Storage;

/// <summary>
/// The prepared statements of one connection. The writing connection of SQLite keeps them, since preparing costs more
/// than running; elsewhere each command is made for one use.
/// </summary>
sealed class Statements(DbConnection connection, DbTransaction? transaction, bool keep) : IDisposable
{
    // Texts are constants of the stores; the bound only guards against a store that builds them (filters of ListUsers).
    const int MostKept = 256;

    readonly Dictionary<string, DbCommand>? kept = keep ? new(StringComparer.Ordinal) : null;

    public DbCommand Rent(string sql, (string Name, object? Value)[] parameters)
    {
        if (kept is not null && kept.Remove(sql, out var known) && Refill(known, parameters)) return known;
        return Fill(connection.CreateCommand(), transaction, sql, parameters);
    }

    /// <summary>Takes a command back; while it is rented it is not in the table, so a nested use gets one of its own.</summary>
    /// <param name="good">False after an error: a statement that stands half-way must not hold up the commit.</param>
    public void Return(DbCommand command, bool good)
    {
        if (!good || kept is null || kept.Count >= MostKept || !kept.TryAdd(command.CommandText, command)) command.Dispose();
    }

    public void Dispose()
    {
        if (kept is null) return;
        foreach (var command in kept.Values) command.Dispose();
        kept.Clear();
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
