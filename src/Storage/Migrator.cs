using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Poolhouse.Storage;

/// <summary>One numbered step of the schema; placeholders such as <c>{blob}</c> stand for what the dialects call differently.</summary>
public sealed record Migration(int Number, string Name, string Sql);

/// <summary>
/// Brings a schema up to date, one transaction per step. On PostgreSQL any number of nodes may start together: an
/// advisory lock lets one of them do it. A database newer than the program is refused.
/// </summary>
public static partial class Migrator
{
    // Any constant that no other program on the same database uses: "poolhous" in ASCII.
    const long LockKey = 0x706f6f6c686f7573;

    /// <summary>The steps that this program knows, in order.</summary>
    public static IReadOnlyList<Migration> Known { get; } = Load();

    /// <summary>Runs what is missing and returns how many steps that were.</summary>
    /// <param name="may">Asked before the first step is run; a command beside an older running server may not.</param>
    internal static async Task<int> Run(
        DbConnection connection, Dialect dialect, IReadOnlyList<Migration> known, long now, Func<bool> may, CancellationToken cancel)
    {
        for (var done = 0; ; done++)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            async Task<object?> Scalar(string sql, params (string Name, object? Value)[] parameters)
            {
                await using var command = Statements.Fill(connection.CreateCommand(), transaction, sql, parameters);
                command.CommandTimeout = 0;    // a migration takes as long as it takes
                return await command.ExecuteScalarAsync(cancel);
            }

            if (dialect == Dialect.Postgres) await Scalar("select pg_advisory_xact_lock(@key)", ("key", LockKey));
            await Scalar("create table if not exists schema_versions (version bigint primary key, name text not null, applied_at bigint not null)");
            var applied = await Applied(connection, transaction, cancel);
            var version = applied.DefaultIfEmpty().Max();
            var newest = known.Count == 0 ? 0 : known[^1].Number;
            if (version > newest)
                throw new StorageException(
                    $"The database has schema version {version}, this program knows {newest}: start the newer program, or restore the backup from before the upgrade.");

            var next = known.FirstOrDefault(m => !applied.Contains(m.Number));
            if (next is not null)
            {
                if (done == 0 && !may())
                    throw new StorageException($"The database has schema version {version}, this program needs {newest}: run `poolhouse migrate` first.");
                await Scalar(Translate(next, dialect));
                await Scalar("insert into schema_versions (version, name, applied_at) values (@version, @name, @now)",
                    ("version", (long)next.Number), ("name", next.Name), ("now", now));
            }
            await transaction.CommitAsync(cancel);
            if (next is null) return done;
        }
    }

    static async Task<List<long>> Applied(DbConnection connection, DbTransaction transaction, CancellationToken cancel)
    {
        await using var command = Statements.Fill(connection.CreateCommand(), transaction, "select version from schema_versions", []);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var versions = new List<long>();
        while (await reader.ReadAsync(cancel)) versions.Add(reader.GetInt64(0));
        return versions;
    }

    internal static string Translate(Migration migration, Dialect dialect) => Placeholder().Replace(migration.Sql, match => match.Value switch
    {
        "{blob}" => dialect.Blob,
        "{collate}" => dialect.Collate,
        var unknown => throw new StorageException($"Migration {migration.Name} has an unknown placeholder {unknown}."),
    });

    static List<Migration> Load()
    {
        var assembly = typeof(Migrator).Assembly;
        var prefix = typeof(Migrator).Namespace + ".Migrations.";
        var steps = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var name = resource[prefix.Length..^".sql".Length];
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            steps.Add(new(int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name, reader.ReadToEnd()));
        }
        steps.Sort((a, b) => a.Number.CompareTo(b.Number));
        for (var i = 1; i < steps.Count; i++)
            if (steps[i].Number == steps[i - 1].Number) throw new StorageException($"Migrations {steps[i - 1].Name} and {steps[i].Name} have the same number.");
        return steps;
    }

    [GeneratedRegex(@"\{[a-z]+\}")]
    private static partial Regex Placeholder();
}
