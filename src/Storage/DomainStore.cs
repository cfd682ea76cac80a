using System.Data.Common;
using Poolhouse.Core.Pools;

namespace Poolhouse.Storage;

/// <summary>The domains under which pools answer; a name belongs to one pool of the whole server.</summary>
public sealed class DomainStore
{
    const string Kind = "domain";
    const string Columns = "domain, pool_id, custom, settings, created_at";
    readonly Database database;
    readonly Cached<PoolDomain> cache;

    public DomainStore(Database database)
    {
        this.database = database;
        cache = new(database.Changes, Kind);
    }

    /// <summary>A domain, or null.</summary>
    public ValueTask<PoolDomain?> Find(string domain, CancellationToken cancel) => cache.Get(domain, Load, cancel);

    /// <summary>The domains of a pool: at most one prefix, and custom ones.</summary>
    public Task<List<PoolDomain>> OfPool(string poolId, CancellationToken cancel) =>
        database.Many($"select {Columns} from domains where pool_id = @pool order by domain", Map, cancel, ("pool", poolId));

    /// <summary>Adds a domain; false if the name is taken, or the pool has a prefix already, or is gone.</summary>
    public static async Task<bool> Create(Tx tx, PoolDomain domain)
    {
        if (!await tx.One($"select true from pools where id = @pool {tx.Dialect.ForUpdate}", _ => true, ("pool", domain.PoolId))) return false;
        if (!domain.Custom && await tx.One("select true from domains where pool_id = @pool and custom = @no", _ => true, ("pool", domain.PoolId), ("no", false)))
            return false;
        return await tx.Execute(
            "insert into domains (domain, pool_id, custom, settings, created_at) values (@domain, @pool, @custom, @settings, @now) on conflict do nothing",
            ("domain", domain.Domain), ("pool", domain.PoolId), ("custom", domain.Custom), ("settings", Text(domain.Settings)), ("now", tx.Now)) == 1;
    }

    /// <summary>Replaces the settings of a pool's domain; false if it is not there.</summary>
    public static async Task<bool> Replace(Tx tx, string poolId, string domain, DomainSettings settings)
    {
        Changes.Append(tx, Kind, domain);
        return await tx.Execute("update domains set settings = @settings where domain = @domain and pool_id = @pool",
            ("domain", domain), ("pool", poolId), ("settings", Text(settings))) == 1;
    }

    /// <summary>Deletes a pool's domain; false if it is not there.</summary>
    public static async Task<bool> Delete(Tx tx, string poolId, string domain)
    {
        Changes.Append(tx, Kind, domain);
        return await tx.Execute("delete from domains where domain = @domain and pool_id = @pool", ("domain", domain), ("pool", poolId)) == 1;
    }

    Task<PoolDomain?> Load(string domain, CancellationToken cancel) =>
        database.One($"select {Columns} from domains where domain = @domain", Map, cancel, ("domain", domain));

    static PoolDomain Map(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetBoolean(2),
        StoredJson.Read(row.GetString(3), StoredJson.Default.DomainSettings), row.GetInt64(4));

    static string Text(DomainSettings settings) => StoredJson.Write(settings, StoredJson.Default.DomainSettings);
}
