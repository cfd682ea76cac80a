using Poolhouse.Core.Keys;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>The database with the keys that belong to it, checked against each other; for the server and for its commands.</summary>
public sealed class OpenedStorage
{
    const string KeyFile = "master.key";

    OpenedStorage(Database database, MasterKey master, RefreshKey refreshKey) => (Database, Master, RefreshKey) = (database, master, refreshKey);

    public Database Database { get; }

    public MasterKey Master { get; }

    public RefreshKey RefreshKey { get; }

    /// <summary>What to do when the result of a commit is unknown.</summary>
    public Action<Exception> Fatal { get; set; } = _ => Environment.ExitCode = 1;

    /// <summary>Opens the data, finds the master key and refuses to go on with one that the database was not made with.</summary>
    public static async Task<OpenedStorage> Open(
        Settings settings, DirectoryKind kind, OpenMode mode, TimeProvider time, ILogger<Database> log, CancellationToken cancel)
    {
        OpenedStorage? opened = null;
        var opening = new Opening(kind, mode, fault => opened?.Fatal(fault), DatabaseClock: time == TimeProvider.System);
        var master = settings.Storage.ConnectionString is not null ? FindMaster(settings) : null;
        var database = await Database.Open(settings.Storage, opening, time, log, cancel);
        try
        {
            master ??= FindMaster(settings);
            var lineage = await database.Lineage(cancel);
            var refreshKey = await database.Write(async tx =>
            {
                if (await Meta.InsertOrRead(tx, "master-key-check", master.CheckValue()) != master.CheckValue()) return null;
                await FeedEpoch.Follow(tx, lineage);
                // Every start on SQLite is a new epoch of the revocation feed: nobody can say that the file is not an older copy.
                if (settings.Storage.ConnectionString is null && mode == OpenMode.Exclusive) await FeedEpoch.Renew(tx);
                return await RefreshKeys.Read(tx);
            });
            if (refreshKey is null) throw new StorageException("The master key is not the one that this database was made with (Keys:Master).");
            return opened = new(database, master, refreshKey);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    static MasterKey FindMaster(Settings settings)
    {
        try
        {
            if (SecretSetting.Read(settings.Keys.Master) is { } configured) return MasterKey.Parse(configured);
            if (settings.Storage.ConnectionString is not null)
                throw new StorageException("With PostgreSQL the master key must be configured (Keys:Master): 32 bytes in base64, for instance from `openssl rand -base64 32`.");
            var path = Path.Combine(settings.Storage.DataDirectory, KeyFile);
            return File.Exists(path) ? MasterKey.Parse(File.ReadAllText(path)) : Create(path);
        }
        catch (FormatException form)
        {
            throw new StorageException("The master key (Keys:Master) is neither a file nor 32 bytes in base64.", form);
        }
    }

    static MasterKey Create(string path)
    {
        var made = MasterKey.Create();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(made.Export() + "\n"));
        // What is sealed under this key is lost without it: it must be on the disk before the first row is.
        file.Flush(flushToDisk: true);
        return made;
    }
}
