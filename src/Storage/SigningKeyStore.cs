using System.Collections.Concurrent;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>Makes new signing keys; tests inject a stock, since a pool's two keys cost 0.3 s.</summary>
public delegate SigningKey KeyMaker(KeyUse use);

/// <summary>What became of the wish to rotate a pool's keys.</summary>
public enum KeyRotation
{
    /// <summary>A new pair waits for its time, or signs already.</summary>
    Rotated,

    /// <summary>A pair that does not sign yet is there already.</summary>
    Waiting,

    /// <summary>The pool has no keys yet: they are made when they are first asked for.</summary>
    Unused,
}

/// <summary>Signing keys, made on the first use of a pool and sealed at rest; which pair signs is a matter of the clock.</summary>
public sealed class SigningKeyStore
{
    const string Kind = "signing-keys";
    const string Purpose = "signing-key";

    /// <summary>Pairs of which no token lives any more (<see cref="KeyRing.KeptFor"/>).</summary>
    public static readonly string PurgeSql = $"""
        delete from signing_keys where kid in
            (select k.kid from signing_keys k where exists
                (select 1 from signing_keys n where n.pool_id = k.pool_id and n.use = k.use and n.signs_from > k.signs_from
                    and n.signs_from < @now - {(long)KeyRing.KeptFor.TotalMilliseconds})
             limit @limit)
        """;

    readonly Database database;
    readonly Sealing sealing;
    readonly KeyMaker make;
    readonly Cached<KeyRing> rings;
    readonly ConcurrentDictionary<string, KeyRing> read = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Lazy<Task>> making = new(StringComparer.Ordinal);

    public SigningKeyStore(Database database, Sealing sealing, KeyMaker make)
    {
        (this.database, this.sealing, this.make) = (database, sealing, make);
        rings = new(database.Changes, Kind);
    }

    /// <summary>The time by which keys change.</summary>
    public long Now => database.Now;

    /// <summary>All keys of a pool that exists, made now if it has none.</summary>
    public async ValueTask<KeyRing> Of(string poolId)
    {
        if (await rings.Get(poolId, Read, CancellationToken.None) is { } ring) return ring;
        // Of many who come first, one makes them.
        var first = making.GetOrAdd(poolId, id => new(() => MakeFirst(id)));
        try
        {
            await first.Value;
        }
        finally
        {
            making.TryRemove(new(poolId, first));
        }
        return await rings.Get(poolId, Read, CancellationToken.None) ?? throw new InvalidOperationException($"The signing keys of {poolId} were not stored.");
    }

    /// <summary>The pair that signs now.</summary>
    public async ValueTask<PoolKeys> Signing(string poolId) => (await Of(poolId)).At(Now);

    /// <summary>The key that a token's <c>kid</c> names, while it is published; else null.</summary>
    public async ValueTask<SigningKey?> Find(string poolId, string kid) => (await Of(poolId)).Find(kid, Now);

    /// <summary>The keys of a pool as they are stored, or null if it has none.</summary>
    public Task<KeyRing?> Stored(string poolId, CancellationToken cancel) => Read(poolId, cancel);

    /// <summary>
    /// Adds the next pair, which is published at once and signs after a while, by the clock that all nodes share. The pairs before
    /// it verify until their last token has died, or no longer from now on if they are withdrawn.
    /// </summary>
    public async Task<KeyRotation> Rotate(string poolId, TimeSpan ahead, bool withdraw)
    {
        if (await Read(poolId, CancellationToken.None) is null) return KeyRotation.Unused;
        var made = await Make();
        return await database.Write(async tx =>
        {
            // Two operators at once: the second one must see what the first has added.
            if (await PoolStore.Lock(tx, poolId) is null) return KeyRotation.Unused;
            var newest = await tx.One("select coalesce(max(signs_from), 0) from signing_keys where pool_id = @pool", row => row.GetInt64(0), ("pool", poolId));
            if (newest > tx.Now && ahead > TimeSpan.Zero) return KeyRotation.Waiting;
            if (withdraw) await tx.Execute("delete from signing_keys where pool_id = @pool", ("pool", poolId));
            // No row: another pair begins at this very moment.
            if (await Insert(tx, poolId, made, tx.Now + (long)ahead.TotalMilliseconds) == 0) return KeyRotation.Waiting;
            Changes.Append(tx, Kind, poolId);
            return KeyRotation.Rotated;
        });
    }

    async Task MakeFirst(string poolId)
    {
        if (await Read(poolId, CancellationToken.None) is not null) return;
        var made = await Make();
        // Another node may have been first: what counts is what is stored.
        await database.Write(tx => Insert(tx, poolId, made, signsFrom: 0));
    }

    Task<SigningKey[]> Make() => Task.WhenAll(Task.Run(() => make(KeyUse.Id)), Task.Run(() => make(KeyUse.Access)));

    async Task<int> Insert(Tx tx, string poolId, SigningKey[] keys, long signsFrom)
    {
        var added = 0;
        foreach (var key in keys)
            added += await tx.Execute(
                """
                insert into signing_keys (kid, pool_id, use, private_key, created_at, signs_from)
                values (@kid, @pool, @use, @key, @now, @from) on conflict do nothing
                """,
                ("kid", key.Kid), ("pool", poolId), ("use", Name(key.Use)), ("key", sealing.Seal(Purpose, $"{poolId}/{key.Kid}", key.Export())),
                ("now", tx.Now), ("from", signsFrom));
        return added;
    }

    async Task<KeyRing?> Read(string poolId, CancellationToken cancel)
    {
        var rows = await database.Many(
            "select kid, use, private_key, created_at, signs_from from signing_keys where pool_id = @pool",
            row => new Row(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetInt64(3), row.GetInt64(4)), cancel, ("pool", poolId));
        var pairs = new List<PoolKeys>();
        foreach (var pair in rows.GroupBy(row => row.SignsFrom))
            if (Open(poolId, pair, KeyUse.Id) is { } id && Open(poolId, pair, KeyUse.Access) is { } access)
                pairs.Add(new(id, access, pair.Key, pair.Min(row => row.CreatedAt)));
        return pairs.Count == 0 ? null : read[poolId] = new(pairs);
    }

    SigningKey? Open(string poolId, IEnumerable<Row> pair, KeyUse use)
    {
        if (pair.FirstOrDefault(row => row.Use == Name(use)) is not { } found) return null;
        // Importing costs more than signing, and rows are read each time while change records cannot be.
        if (read.TryGetValue(poolId, out var before) && before.Held(found.Kid) is { } held) return held;
        var key = sealing.Open(Purpose, $"{poolId}/{found.Kid}", found.Sealed)
            ?? throw new InvalidOperationException($"The signing key {found.Kid} of {poolId} does not open: it was sealed under another master key.");
        return SigningKey.Import(found.Kid, use, key);
    }

    static string Name(KeyUse use) => use == KeyUse.Id ? "id" : "access";

    sealed record Row(string Kid, string Use, byte[] Sealed, long CreatedAt, long SignsFrom);
}
