using Poolhouse.Storage;

namespace Poolhouse.Server.Commands.Checks;

/// <summary>The data directory of SQLite, and the file of the master key: who can read them, and how much room is left.</summary>
static class DataChecks
{
    const UnixFileMode Everybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    public static IEnumerable<Finding> Of(Settings settings)
    {
        var storage = settings.Storage;
        if (storage.ConnectionString is null)
        {
            if (!Directory.Exists(storage.DataDirectory))
            {
                yield return Finding.Warn("data", $"{Path.GetFullPath(storage.DataDirectory)} does not exist (Storage:DataDirectory); `poolhouse serve` makes it.");
                yield break;
            }
            yield return DataDirectory(storage);
            yield return Room(storage);
        }
        if (MasterKeys.FileOf(settings) is { } file) yield return KeyFile(file, storage);
    }

    static Finding DataDirectory(StorageOptions storage)
    {
        var path = Path.GetFullPath(storage.DataDirectory);
        try
        {
            var probe = Path.Combine(path, $"poolhouse.doctor-{Environment.ProcessId}");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                // That it can be made is all.
            }
            if (File.Exists(storage.DatabaseFile)) using (File.Open(storage.DatabaseFile, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) { }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail("data", $"{path} cannot be written by {Environment.UserName}: {e.Message} Give it to the user that runs the server.");
        }
        if (Open(path, Everybody) || Open(storage.DatabaseFile, Everybody))
            return Finding.Fail("data", $"Everybody on this machine has rights on {path} or the database in it. `chmod -R o= {path}`");
        return Open(path, Group) ? Finding.Warn("data", $"A group has rights on {path}. If none needs them: `chmod -R g= {path}`") : Finding.Ok("data", path);
    }

    static Finding Room(StorageOptions storage)
    {
        var free = new DriveInfo(Path.GetFullPath(storage.DataDirectory)).AvailableFreeSpace >> 20;
        var says = $"{free} MB free, {storage.BallastMegabytes} MB kept back for revocations";
        if (storage.BallastMegabytes > 0 && new FileInfo(storage.BallastFile) is { Exists: true, Length: 0 })
            return Finding.Fail("disk", $"{says}: the disk was full, and the reserve was given up. Sign-ins are refused until there is room for twice of it.");
        if (free < storage.BallastMegabytes) return Finding.Fail("disk", $"{says}: there is no room for the reserve. Make room, or set Storage:BallastMegabytes lower.");
        return free < 4L * storage.BallastMegabytes ? Finding.Warn("disk", $"{says}: make room before sign-ins are refused.") : Finding.Ok("disk", says);
    }

    static Finding KeyFile(string file, StorageOptions storage)
    {
        var path = Path.GetFullPath(file);
        // A secret that an orchestrator mounts is often readable by the group of the process.
        if (Open(path, Everybody | UnixFileMode.GroupWrite)) return Finding.Fail("key file", $"Others than the owner have rights on {path}. `chmod 600 {path}`");
        return storage.ConnectionString is null && path.StartsWith(Path.GetFullPath(storage.DataDirectory) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? Finding.Warn("key file", $"{path} lies beside the database: a backup of the directory gives both away. Move it and name it in Keys:Master.")
            : Finding.Ok("key file", path);
    }

    static bool Open(string path, UnixFileMode to) => !OperatingSystem.IsWindows() && Path.Exists(path) && (File.GetUnixFileMode(path) & to) != 0;
}
