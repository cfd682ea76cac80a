using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>What became of the wish to change the master key.</summary>
public enum MasterKeyChange
{
    /// <summary>The root key is sealed under the new master key.</summary>
    Changed,

    /// <summary>It was already.</summary>
    Already,

    /// <summary>The old key is not the one that the database has.</summary>
    WrongKey,
}

/// <summary>
/// The key that everything in a database hangs on: what is sealed, hashed and derived. The database keeps it, sealed under the
/// master key, so that the master key can be changed and everything else stays as it is, refresh tokens and sign-ins too.
/// </summary>
public static class RootKey
{
    const string CheckKey = "master-key-check";
    const string Key = "root-key";
    const string Owner = "database";

    /// <summary>The root key of a database, made now if the database is new; null if the master key is not the one that the database has.</summary>
    public static async Task<MasterKey?> Open(Tx tx, MasterKey master)
    {
        var isNew = await Meta.Read(tx, CheckKey) is null;
        if (await Meta.InsertOrRead(tx, CheckKey, master.CheckValue()) != master.CheckValue()) return null;
        // Of two nodes that start on a new database the second gets the first one's.
        if (isNew) await Meta.InsertOrRead(tx, Key, Seal(MasterKey.Create(), master));
        return await Meta.Read(tx, Key) is { } kept ? Unseal(kept, master) : master;
    }

    /// <summary>The root key, or null if the master key does not fit or nothing was ever opened; changes nothing.</summary>
    public static async Task<MasterKey?> Look(Database database, MasterKey master, CancellationToken cancel)
    {
        var meta = new Meta(database);
        if (await meta.Get(CheckKey, cancel) != master.CheckValue()) return null;
        return await meta.Get(Key, cancel) is { } kept ? Unseal(kept, master) : master;
    }

    /// <summary>Seals the root key under another master key.</summary>
    public static async Task<MasterKeyChange> Change(Tx tx, MasterKey from, MasterKey to)
    {
        var check = await Meta.Read(tx, CheckKey);
        if (check == to.CheckValue()) return MasterKeyChange.Already;
        if (check != from.CheckValue()) return MasterKeyChange.WrongKey;
        // A database from before it had a root key of its own: its first master key is the root key, and stays it.
        var root = await Meta.Read(tx, Key) is { } kept ? Unseal(kept, from) : from;
        await Meta.Set(tx, Key, Seal(root, to));
        await Meta.Set(tx, CheckKey, to.CheckValue());
        return MasterKeyChange.Changed;
    }

    static string Seal(MasterKey root, MasterKey master) => Convert.ToBase64String(new Sealing(master).Seal(Key, Owner, root.Export()));

    static MasterKey Unseal(string kept, MasterKey master) => MasterKey.Parse(
        new Sealing(master).OpenText(Key, Owner, Convert.FromBase64String(kept))
            ?? throw new StorageException("The root key of the database does not open, although the master key is the one that it names: the row was changed."));
}
