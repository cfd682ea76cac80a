using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.Scaling;

/// What a database has done so far: CPU that is not the server's, and bytes that it has written, on PostgreSQL to its log.
sealed record DatabaseWork(TimeSpan Cpu, long Written)
{
    public static DatabaseWork operator +(DatabaseWork one, DatabaseWork other) => new(one.Cpu + other.Cpu, one.Written + other.Written);

    public static DatabaseWork operator -(DatabaseWork now, DatabaseWork then) => new(now.Cpu - then.Cpu, now.Written - then.Written);
}

/// One database: where a server finds it, and where the bench does.
abstract class Store
{
    // Often, or the bench would wait for it.
    protected static readonly (string, string) Purging = ("POOLHOUSE_Storage__PurgeSeconds", "5");

    public abstract string Name { get; }

    /// A peer whose data is here.
    public abstract PoolhousePeer Peer(Paths paths, bool rotates);

    public abstract DbConnection Connect();

    /// What the database has done so far, for one server.
    public abstract DatabaseWork Work(ServerProcess server);

    /// Bytes on disk, indexes included.
    public abstract long Bytes();

    /// Lets the engine know what was filled in behind the back of its server.
    public abstract string Settle { get; }

    /// A table expression `ids` in SQL: numbers from 1 on, and two random ids beside each.
    public abstract string Rows(int count);

    /// A random salt, in SQL.
    public abstract string Salt { get; }
}

/// A file in the data directory of the one server.
sealed class SqliteStore(string data) : Store
{
    public override string Name => "SQLite";

    public override PoolhousePeer Peer(Paths paths, bool rotates) => Field.Poolhouse(paths, rotates, Purging);

    public override DbConnection Connect() => new SqliteConnection($"Data Source={Path.Combine(data, "data/poolhouse.db")};Pooling=False");

    // The engine runs inside the server: its CPU is the server's.
    public override DatabaseWork Work(ServerProcess server) => new(TimeSpan.Zero, server.WrittenBytes());

    public override long Bytes() => new FileInfo(Path.Combine(data, "data/poolhouse.db")).Length;

    public override string Settle => "pragma wal_checkpoint(truncate)";

    public override string Rows(int count) =>
        $"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}), ids(i, h1, h2) as materialized (select i, hex(randomblob(16)), hex(randomblob(16)) from n)";

    public override string Salt => "randomblob(16)";
}

/// A database of a PostgreSQL, whose name says how much is in it.
sealed class PostgresStore(Postgres cluster, string database) : Store
{
    static readonly string Master = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public override string Name => "PostgreSQL";

    public string Connection => cluster.ConnectionTo(database);

    public static async Task<PostgresStore> Create(Postgres cluster, string database)
    {
        await using var connection = new NpgsqlConnection(cluster.Connection);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {database}", connection);
        await create.ExecuteNonQueryAsync();
        return new(cluster, database);
    }

    /// How a server gets here.
    public (string, string)[] Variables => [("POOLHOUSE_Storage__ConnectionString", Connection), ("POOLHOUSE_Keys__Master", Master)];

    public override PoolhousePeer Peer(Paths paths, bool rotates) => Field.Poolhouse(paths, rotates, [.. Variables, Purging]);

    public override DbConnection Connect() => new NpgsqlConnection(Connection + ";Pooling=False;Command Timeout=600");

    public override DatabaseWork Work(ServerProcess server) => new(cluster.Cpu(), Ask("select (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint"));

    long Ask(string sql)
    {
        using var connection = new NpgsqlConnection(Connection);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }

    public override long Bytes() => Ask("select pg_database_size(current_database())");

    public override string Settle => "vacuum analyze";

    public override string Rows(int count) =>
        $"with ids(i, h1, h2) as materialized (select i, upper(replace(gen_random_uuid()::text, '-', '')), upper(replace(gen_random_uuid()::text, '-', '')) from generate_series(1, {count}) as i)";

    public override string Salt => "uuid_send(gen_random_uuid())";
}
