using System.Data.Common;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>The access keys. Their secrets are sealed and not hashed, because a signature is made from the secret itself.</summary>
public sealed class AccessKeyStore(Database database, Sealing sealing)
{
    const string Purpose = "access-key";
    const string Columns = "id, sealed, actions, pools, created_at";

    /// <summary>A key with its secret, or null. Read each time: a deleted key ends at once, on every node.</summary>
    public Task<AccessKey?> Find(string id, CancellationToken cancel) =>
        database.One($"select {Columns} from access_keys where id = @id", Map, cancel, ("id", id));

    /// <summary>All keys.</summary>
    public Task<List<AccessKey>> List(CancellationToken cancel) =>
        database.Many($"select {Columns} from access_keys order by created_at, id", Map, cancel);

    /// <summary>Adds a key; false if its id is taken.</summary>
    public async Task<bool> Create(AccessKey key)
    {
        var sealedSecret = sealing.Seal(Purpose, key.Id, key.Secret.Reveal());
        return await database.Write(tx => tx.Execute(
            "insert into access_keys (id, sealed, actions, pools, created_at) values (@id, @sealed, @actions, @pools, @now) on conflict do nothing",
            ("id", key.Id), ("sealed", sealedSecret), ("actions", string.Join(' ', key.Policy.Actions)),
            ("pools", string.Join(' ', key.Policy.Pools)), ("now", tx.Now))) == 1;
    }

    /// <summary>Deletes a key; false if it is not there.</summary>
    public async Task<bool> Delete(string id) =>
        await database.Write(tx => tx.Execute("delete from access_keys where id = @id", ("id", id))) == 1;

    AccessKey Map(DbDataReader row) => new(row.GetString(0),
        new(sealing.OpenText(Purpose, row.GetString(0), row.GetFieldValue<byte[]>(1))
            ?? throw new StorageException($"The secret of access key {row.GetString(0)} does not open under this master key.")),
        new(row.GetString(2).Split(' ', StringSplitOptions.RemoveEmptyEntries), row.GetString(3).Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        row.GetInt64(4));
}
