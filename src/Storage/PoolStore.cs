using System.Data.Common;
using Poolhouse.Core.Pools;

namespace Poolhouse.Storage;

/// <summary>The pools; each is kept in memory on every node that uses it.</summary>
public sealed class PoolStore
{
    const string Kind = "pool";
    const string Columns = "id, name, region, settings, schema, created_at, modified_at, mfa";

    static readonly string[] Contents =
    [
        "browser_sessions", "confirmation_codes", "challenges", "authorization_codes", "sessions", "signing_keys", "group_members", "groups",
        "user_attributes", "user_factors", "devices", "password_history", "users", "messages", "resource_servers", "ssf_streams",
    ];

    readonly Database database;
    readonly Cached<UserPool> cache;

    public PoolStore(Database database)
    {
        this.database = database;
        cache = new(database.Changes, Kind);
    }

    /// <summary>A pool, or null.</summary>
    public ValueTask<UserPool?> Find(string id, CancellationToken cancel) => cache.Get(id, Load, cancel);

    /// <summary>The pools made in the name of a region, in the order of their ids.</summary>
    public Task<List<UserPool>> List(string region, string? after, int limit, CancellationToken cancel) => database.Many(
        $"select {Columns} from pools where region = @region and id > @after order by id limit @limit", Map, cancel,
        ("region", region), ("after", after ?? ""), ("limit", (long)limit));

    /// <summary>The ids of all pools.</summary>
    public Task<List<string>> Ids(CancellationToken cancel) => database.Many("select id from pools order by id", row => row.GetString(0), cancel);

    /// <summary>Adds a pool; false if its id is taken.</summary>
    public static async Task<bool> Create(Tx tx, UserPool pool) => await tx.Execute(
        """
        insert into pools (id, name, region, settings, schema, created_at, modified_at)
        values (@id, @name, @region, @settings, @schema, @now, @now) on conflict do nothing
        """,
        ("id", pool.Id), ("name", pool.Name), ("region", pool.Region), ("settings", Text(pool.Settings)), ("schema", Text(pool.Schema)),
        ("now", pool.CreatedAt)) == 1;

    /// <summary>Replaces all settings; a null name keeps the old one. False if the pool is gone.</summary>
    public static async Task<bool> Replace(Tx tx, string id, string? name, PoolDefinition settings)
    {
        Changes.Append(tx, Kind, id);
        return await tx.Execute(
            "update pools set name = coalesce(cast(@name as text), name), settings = @settings, modified_at = @now where id = @id",
            ("id", id), ("name", name), ("settings", Text(settings)), ("now", tx.Now)) == 1;
    }

    /// <summary>The pool as it stands in this transaction, which nobody else changes until its end; null if it is gone.</summary>
    public static Task<UserPool?> Lock(Tx tx, string id) =>
        tx.One($"select {Columns} from pools where id = @id {tx.Dialect.ForUpdate}", Map, ("id", id));

    /// <summary>Replaces the schema of a locked pool.</summary>
    public static Task ReplaceSchema(Tx tx, string id, IReadOnlyList<SchemaAttribute> schema)
    {
        Changes.Append(tx, Kind, id);
        return tx.Execute("update pools set schema = @schema, modified_at = @now where id = @id", ("id", id), ("schema", Text(schema)), ("now", tx.Now));
    }

    /// <summary>Replaces the second factors of a pool, and with them those of its settings that belong to them; false if it is gone.</summary>
    public static async Task<bool> ReplaceMfa(Tx tx, string id, PoolDefinition settings, PoolMfa mfa)
    {
        Changes.Append(tx, Kind, id);
        return await tx.Execute(
            "update pools set settings = @settings, mfa = @mfa, modified_at = @now where id = @id",
            ("id", id), ("settings", Text(settings)), ("mfa", StoredJson.Write(mfa, StoredJson.Default.PoolMfa)), ("now", tx.Now)) == 1;
    }

    /// <summary>Deletes a pool with all that it holds but its clients and its feed; false if it is gone.</summary>
    public static async Task<bool> Delete(Tx tx, string id)
    {
        Changes.Append(tx, Kind, id);
        // The pool's own row goes first and is the lock: what is added to a pool holds that row or finds it gone.
        if (await tx.Execute("delete from pools where id = @id", ("id", id)) == 0) return false;
        foreach (var table in Contents) await tx.Execute($"delete from {table} where pool_id = @id", ("id", id));
        return true;
    }

    Task<UserPool?> Load(string id, CancellationToken cancel) =>
        database.One($"select {Columns} from pools where id = @id", Map, cancel, ("id", id));

    static UserPool Map(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2),
        StoredJson.Read(row.GetString(3), StoredJson.Default.PoolDefinition), StoredJson.Read(row.GetString(4), StoredJson.Default.ListSchemaAttribute),
        row.GetInt64(5), row.GetInt64(6), row.TextOrNull(7) is { } mfa ? StoredJson.Read(mfa, StoredJson.Default.PoolMfa) : null);

    static string Text(PoolDefinition settings) => StoredJson.Write(settings, StoredJson.Default.PoolDefinition);

    static string Text(IReadOnlyList<SchemaAttribute> schema) => StoredJson.Write([.. schema], StoredJson.Default.ListSchemaAttribute);
}
