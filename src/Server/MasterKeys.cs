using Poolhouse.Core.Keys;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>Where the master key is found.</summary>
static class MasterKeys
{
    const string KeyFile = "master.key";

    /// <summary>The master key; on SQLite one is made where there is none.</summary>
    public static MasterKey Find(Settings settings) => Existing(settings) ?? Create(BesideData(settings));

    /// <summary>The master key that there is, or null.</summary>
    public static MasterKey? Existing(Settings settings)
    {
        if (settings.Keys.Master is { } configured) return Read(configured, "The master key (Keys:Master)");
        if (settings.Storage.ConnectionString is not null)
            throw new StorageException("With PostgreSQL the master key must be configured (Keys:Master): 32 bytes in base64, for instance from `openssl rand -base64 32`.");
        return FileOf(settings) is { } path ? Read(path, path) : null;
    }

    /// <summary>The file that holds the master key, if one does.</summary>
    public static string? FileOf(Settings settings)
    {
        var path = settings.Keys.Master ?? BesideData(settings);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Reads a key, or the file of one.</summary>
    public static MasterKey Read(string keyOrFile, string name)
    {
        try
        {
            return MasterKey.Parse(SecretSetting.Read(keyOrFile)!);
        }
        catch (FormatException form)
        {
            throw new StorageException($"{name} is neither a file nor 32 bytes in base64.", form);
        }
        catch (UnauthorizedAccessException closed)
        {
            throw new StorageException($"{name} cannot be read by this user.", closed);
        }
    }

    static string BesideData(Settings settings) => Path.Combine(settings.Storage.DataDirectory, KeyFile);

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
