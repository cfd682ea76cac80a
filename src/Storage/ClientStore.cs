using System.Data.Common;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>What a list of clients shows of each.</summary>
public sealed record ClientName(string Id, string Name);

/// <summary>A secret of a client, without its value.</summary>
public sealed record ClientSecretName(string Id, long CreatedAt);

/// <summary>How adding or deleting a secret ended.</summary>
public enum SecretWrite
{
    /// <summary>Written.</summary>
    Done,

    /// <summary>There is no such client.</summary>
    ClientGone,

    /// <summary>The client has no such secret.</summary>
    SecretGone,

    /// <summary>The client has as many as it may.</summary>
    Full,

    /// <summary>It is the only one.</summary>
    Last,
}

/// <summary>The app clients with their secrets, which are sealed in the database; each is kept in memory on every node that uses it.</summary>
public sealed class ClientStore
{
    const string Kind = "client";
    const int MostSecrets = 2;
    const string Purpose = "client-secret";
    readonly Database database;
    readonly Sealing sealing;
    readonly Cached<AppClient> cache;

    public ClientStore(Database database, Sealing sealing)
    {
        (this.database, this.sealing) = (database, sealing);
        cache = new(database.Changes, Kind);
    }

    /// <summary>A client, or null. Ids are unique over all pools.</summary>
    public ValueTask<AppClient?> Find(string id, CancellationToken cancel) => cache.Get(id, Load, cancel);

    /// <summary>The clients of a pool, in the order of their ids.</summary>
    public Task<List<ClientName>> List(string poolId, string? after, int limit, CancellationToken cancel) => database.Many(
        "select id, name from clients where pool_id = @pool and id > @after order by id limit @limit",
        row => new ClientName(row.GetString(0), row.GetString(1)), cancel, ("pool", poolId), ("after", after ?? ""), ("limit", (long)limit));

    /// <summary>The ids of the first clients of all pools, the oldest first.</summary>
    public Task<List<string>> Oldest(int limit, CancellationToken cancel) => database.Many(
        "select id from clients order by created_at, id limit @limit", row => row.GetString(0), cancel, ("limit", (long)limit));

    /// <summary>Seals the secret of a client, outside any transaction.</summary>
    public byte[]? Seal(AppClient client) => client.Secrets is [var secret, ..] ? Seal(client, secret) : null;

    /// <summary>Seals a further secret of a client.</summary>
    public byte[] Seal(AppClient client, Secret secret) => sealing.Seal(Purpose, Owner(client.PoolId, client.Id), secret.Reveal());

    /// <summary>Adds a client to a pool that exists; false if its id is taken or the pool is gone.</summary>
    public static async Task<bool> Create(Tx tx, AppClient client, byte[]? sealedSecret)
    {
        // The pool's row is held, so that a pool that is being deleted gets no client that outlives it.
        if (!await tx.One($"select true from pools where id = @pool {tx.Dialect.ForUpdate}", _ => true, ("pool", client.PoolId))) return false;
        var created = await tx.Execute(
            """
            insert into clients (id, pool_id, name, settings, access_ms, access_ms_before, access_changed_at, created_at, modified_at)
            values (@id, @pool, @name, @settings, @access, @access, @now, @now, @now) on conflict do nothing
            """,
            ("id", client.Id), ("pool", client.PoolId), ("name", client.Name), ("settings", Text(client.Settings)),
            ("access", client.AccessTokenLifetime.Ms()), ("now", client.CreatedAt)) == 1;
        if (created && sealedSecret is not null) await InsertSecret(tx, client.Id, sealedSecret, tx.Now);
        return created;
    }

    /// <summary>The secrets of a client, oldest first, without their values.</summary>
    public Task<List<ClientSecretName>> Secrets(string id, CancellationToken cancel) =>
        database.Many(SecretNames, Name, cancel, ("client", id));

    /// <summary>Adds a secret beside the one that a client has.</summary>
    public static async Task<(SecretWrite Result, ClientSecretName? Added)> AddSecret(Tx tx, string id, byte[] sealedSecret)
    {
        if (!await Lock(tx, id)) return (SecretWrite.ClientGone, null);
        var held = await tx.Many(SecretNames, Name, ("client", id));
        if (held.Count >= MostSecrets) return (SecretWrite.Full, null);
        Changes.Append(tx, Kind, id);
        // Their order is their age, and their ids hold the time: two in one millisecond would be one.
        return (SecretWrite.Done, await InsertSecret(tx, id, sealedSecret, Math.Max(tx.Now, (held.LastOrDefault()?.CreatedAt ?? 0) + 1)));
    }

    /// <summary>Deletes a secret of a client, unless it is the only one: a confidential client does not become a public one.</summary>
    public static async Task<SecretWrite> DeleteSecret(Tx tx, string id, string secretId)
    {
        if (!await Lock(tx, id)) return SecretWrite.ClientGone;
        var held = await tx.Many(SecretNames, Name, ("client", id));
        if (!held.Exists(secret => secret.Id == secretId)) return SecretWrite.SecretGone;
        if (held.Count == 1) return SecretWrite.Last;
        Changes.Append(tx, Kind, id);
        await tx.Execute("delete from client_secrets where client_id = @client and id = @id", ("client", id), ("id", secretId));
        return SecretWrite.Done;
    }

    /// <summary>Replaces all settings; a null name keeps the old one. False if the client is gone.</summary>
    public static async Task<bool> Replace(Tx tx, string id, string? name, ClientSettings settings)
    {
        Changes.Append(tx, Kind, id);
        return await tx.Execute(
            """
            update clients set name = coalesce(cast(@name as text), name), settings = @settings, modified_at = @now, access_ms = @access,
                   access_changed_at = case when access_ms = @access then access_changed_at else @now end,
                   access_ms_before = case when access_ms = @access or (access_ms_before > access_ms and access_changed_at > @dayAgo)
                                           then access_ms_before else access_ms end
             where id = @id
            """,
            ("id", id), ("name", name), ("settings", Text(settings)), ("access", settings.AccessTokenLifetime().Ms()), ("now", tx.Now),
            ("dayAgo", tx.Now - 86_400_000)) == 1;
    }

    /// <summary>Deletes a client, its secrets and its streams of security events; false if it is gone.</summary>
    public static async Task<bool> Delete(Tx tx, string id)
    {
        Changes.Append(tx, Kind, id);
        await tx.Execute("delete from client_secrets where client_id = @id", ("id", id));
        var gone = await tx.Execute("delete from clients where id = @id", ("id", id)) == 1;
        // After the row is gone, since who adds a stream holds it. What waits on the streams is purged.
        await tx.Execute("delete from ssf_streams where client_id = @id", ("id", id));
        return gone;
    }

    /// <summary>Deletes every client of a pool.</summary>
    public static async Task DeleteAll(Tx tx, string poolId)
    {
        foreach (var id in await tx.Many("select id from clients where pool_id = @pool", row => row.GetString(0), ("pool", poolId)))
            await Delete(tx, id);
    }

    const string SecretNames = "select id, created_at from client_secrets where client_id = @client order by created_at, id";

    static ClientSecretName Name(DbDataReader row) => new(row.GetString(0), row.GetInt64(1));

    static async Task<bool> Lock(Tx tx, string id) => await tx.One($"select true from clients where id = @id {tx.Dialect.ForUpdate}", _ => true, ("id", id));

    static async Task<ClientSecretName> InsertSecret(Tx tx, string id, byte[] sealedSecret, long at)
    {
        var name = new ClientSecretName($"{id}--{at}", at);
        await tx.Execute("insert into client_secrets (client_id, id, sealed, created_at) values (@client, @id, @sealed, @at)",
            ("client", id), ("id", name.Id), ("sealed", sealedSecret), ("at", at));
        return name;
    }

    async Task<AppClient?> Load(string id, CancellationToken cancel)
    {
        var client = await database.One("select id, pool_id, name, settings, created_at, modified_at from clients where id = @id", Map, cancel, ("id", id));
        if (client is null) return null;
        var secrets = await database.Many("select sealed from client_secrets where client_id = @id order by created_at, id",
            row => row.GetFieldValue<byte[]>(0), cancel, ("id", id));
        return client with { Secrets = [.. secrets.Select(bytes => Open(client, bytes))] };
    }

    Secret Open(AppClient client, byte[] sealedSecret) => new(sealing.OpenText(Purpose, Owner(client.PoolId, client.Id), sealedSecret)
        ?? throw new StorageException($"The secret of client {client.Id} does not open under this master key."));

    static AppClient Map(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2),
        StoredJson.Read(row.GetString(3), StoredJson.Default.ClientSettings), [], row.GetInt64(4), row.GetInt64(5));

    static string Text(ClientSettings settings) => StoredJson.Write(settings, StoredJson.Default.ClientSettings);

    static string Owner(string poolId, string clientId) => $"{poolId}/{clientId}";
}
