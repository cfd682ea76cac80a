using System.Data.Common;
using Poolhouse.Core.Pools;

namespace Poolhouse.Storage;

/// <summary>The resource servers of pools with their scopes.</summary>
public sealed class ResourceServerStore(Database database)
{
    const string Columns = "pool_id, identifier, name, scopes";

    /// <summary>A resource server, or null.</summary>
    public Task<ResourceServer?> Find(string poolId, string identifier, CancellationToken cancel) => database.One(
        $"select {Columns} from resource_servers where pool_id = @pool and identifier = @identifier", Map, cancel,
        ("pool", poolId), ("identifier", identifier));

    /// <summary>The resource servers of a pool, in the order of their identifiers.</summary>
    public Task<List<ResourceServer>> List(string poolId, string? after, int limit, CancellationToken cancel) => database.Many(
        $"select {Columns} from resource_servers where pool_id = @pool and identifier > @after order by identifier limit @limit", Map, cancel,
        ("pool", poolId), ("after", after ?? ""), ("limit", (long)limit));

    /// <summary>Every scope of a pool's resource servers in its full form: identifier, slash, name.</summary>
    public async Task<HashSet<string>> Scopes(string poolId, CancellationToken cancel) =>
        (await List(poolId, null, int.MaxValue, cancel))
        .SelectMany(server => server.Scopes, (server, scope) => $"{server.Identifier}/{scope.ScopeName}").ToHashSet(StringComparer.Ordinal);

    /// <summary>Adds a resource server; false if the identifier is taken or the pool is gone.</summary>
    public static async Task<bool> Create(Tx tx, ResourceServer server) =>
        await tx.One($"select true from pools where id = @pool {tx.Dialect.ForUpdate}", _ => true, ("pool", server.PoolId))
        && await tx.Execute(
            "insert into resource_servers (pool_id, identifier, name, scopes) values (@pool, @identifier, @name, @scopes) on conflict do nothing",
            ("pool", server.PoolId), ("identifier", server.Identifier), ("name", server.Name), ("scopes", Text(server))) == 1;

    /// <summary>Replaces name and scopes; false if it is not there.</summary>
    public static async Task<bool> Replace(Tx tx, ResourceServer server) => await tx.Execute(
        "update resource_servers set name = @name, scopes = @scopes where pool_id = @pool and identifier = @identifier",
        ("pool", server.PoolId), ("identifier", server.Identifier), ("name", server.Name), ("scopes", Text(server))) == 1;

    /// <summary>Deletes a resource server; false if it is not there.</summary>
    public static async Task<bool> Delete(Tx tx, string poolId, string identifier) => await tx.Execute(
        "delete from resource_servers where pool_id = @pool and identifier = @identifier", ("pool", poolId), ("identifier", identifier)) == 1;

    static ResourceServer Map(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2),
        StoredJson.Read(row.GetString(3), StoredJson.Default.ListResourceServerScope));

    static string Text(ResourceServer server) => StoredJson.Write([.. server.Scopes], StoredJson.Default.ListResourceServerScope);
}
