using System.Collections.Concurrent;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>Makes new signing keys; tests inject a stock, since a pool's two keys cost 0.3 s.</summary>
public delegate SigningKey KeyMaker(KeyUse use);

/// <summary>Signing keys, made on the first use of a pool and sealed at rest.</summary>
public sealed class SigningKeyStore(Database database, Sealing sealing, KeyMaker make)
{
    const string Purpose = "signing-key";

    readonly ConcurrentDictionary<string, Task<PoolKeys>> pools = new(StringComparer.Ordinal);

    /// <summary>The keys of a pool that exists, made now if it has none.</summary>
    public async Task<PoolKeys> Of(string poolId)
    {
        var keys = pools.GetOrAdd(poolId, Load);
        try
        {
            return await keys;
        }
        catch
        {
            // A failure must not be remembered: the next caller tries again.
            pools.TryRemove(new(poolId, keys));
            throw;
        }
    }

    async Task<PoolKeys> Load(string poolId)
    {
        if (await Read(poolId) is { } stored) return stored;

        var made = await Task.WhenAll(Task.Run(() => make(KeyUse.Id)), Task.Run(() => make(KeyUse.Access)));
        await database.Write(async tx =>
        {
            foreach (var key in made)
                await tx.Execute(
                    "insert into signing_keys (kid, pool_id, use, private_key, created_at) values (@kid, @pool, @use, @key, @now) on conflict do nothing",
                    ("kid", key.Kid), ("pool", poolId), ("use", Name(key.Use)), ("key", sealing.Seal(Purpose, $"{poolId}/{key.Kid}", key.Export())), ("now", tx.Now));
        });
        // Another node may have been first: what counts is what is stored.
        return await Read(poolId) ?? throw new InvalidOperationException($"The signing keys of {poolId} were not stored.");
    }

    async Task<PoolKeys?> Read(string poolId)
    {
        var rows = await database.Many(
            "select kid, use, private_key, created_at from signing_keys where pool_id = @pool",
            row => (Kid: row.GetString(0), Use: row.GetString(1), Sealed: row.GetFieldValue<byte[]>(2), At: row.GetInt64(3)), CancellationToken.None, ("pool", poolId));
        SigningKey? Open(KeyUse use)
        {
            if (rows.FirstOrDefault(row => row.Use == Name(use)) is not { Kid: not null } found) return null;
            var key = sealing.Open(Purpose, $"{poolId}/{found.Kid}", found.Sealed)
                ?? throw new InvalidOperationException($"The signing key {found.Kid} of {poolId} does not open: it was sealed under another master key.");
            return SigningKey.Import(found.Kid, use, key);
        }
        return Open(KeyUse.Id) is { } id && Open(KeyUse.Access) is { } access ? new(id, access) { CreatedAt = rows.Min(row => row.At) } : null;
    }

    static string Name(KeyUse use) => use == KeyUse.Id ? "id" : "access";
}
