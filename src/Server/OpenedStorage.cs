using Poolhouse.Core.Keys;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>The database with the keys that belong to it, checked against each other; for the server and for its commands.</summary>
public sealed class OpenedStorage
{
    OpenedStorage(Database database, MasterKey root, RefreshKey refreshKey) => (Database, Root, RefreshKey) = (database, root, refreshKey);

    public Database Database { get; }

    /// <summary>What everything sealed, hashed and derived hangs on (<see cref="RootKey"/>).</summary>
    public MasterKey Root { get; }

    public RefreshKey RefreshKey { get; }

    /// <summary>What to do when the result of a commit is unknown.</summary>
    public Action<Exception> Fatal { get; set; } = _ => Environment.ExitCode = 1;

    /// <summary>Opens the data, finds the master key and refuses to go on with one that the database was not made with.</summary>
    public static async Task<OpenedStorage> Open(
        Settings settings, DirectoryKind kind, OpenMode mode, TimeProvider time, ILogger<Database> log, CancellationToken cancel)
    {
        OpenedStorage? opened = null;
        var opening = new Opening(kind, mode, fault => opened?.Fatal(fault), DatabaseClock: time == TimeProvider.System);
        var master = settings.Storage.ConnectionString is not null ? MasterKeys.Find(settings) : null;
        var database = await Database.Open(settings.Storage, opening, time, log, cancel);
        try
        {
            master ??= MasterKeys.Find(settings);
            var lineage = await database.Lineage(cancel);
            var (root, refreshKey) = await database.Write(async tx =>
            {
                if (await RootKey.Open(tx, master) is not { } root) return default;
                await FeedEpoch.Follow(tx, lineage);
                // Every start on SQLite is a new epoch of the revocation feed: nobody can say that the file is not an older copy.
                if (settings.Storage.ConnectionString is null && mode == OpenMode.Exclusive) await FeedEpoch.Renew(tx);
                return (root, refreshKey: await RefreshKeys.Read(tx));
            });
            if (root is null) throw new StorageException("The master key is not the one that this database has (Keys:Master).");
            return opened = new(database, root, refreshKey);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
