namespace Poolhouse.Storage.Engines;

/// <summary>
/// The directory that holds an embedded database: who has it open, and whether it was made for development, where
/// secrets are well known and any AWS signature passes.
/// </summary>
sealed class DataDirectory : IDisposable
{
    public const string FileName = "poolhouse.db";

    const string Marker = "poolhouse.directory";
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    readonly string path;
    FileStream? held;

    DataDirectory(string path) => this.path = path;

    public string DatabaseFile => File(FileName);

    public string BallastFile => File(Ballast.FileName);

    public static DataDirectory Open(string path, Opening opening)
    {
        var directory = new DataDirectory(Path.GetFullPath(path));
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory.path);
            else Directory.CreateDirectory(directory.path, OwnerOnly);
            if (opening.Mode == OpenMode.Exclusive && !directory.TryLock())
                throw new StorageException($"{directory.path} is in use by another poolhouse process. Stop it, or give this one a directory of its own.");
            directory.CheckMark(opening);
            directory.CreateDatabaseFile();
            return directory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            directory.Dispose();
            throw new StorageException($"The data directory {directory.path} cannot be used: {e.Message}", e);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Takes the directory for this process alone. The system lets go of it when the process dies, however it dies.</summary>
    public bool TryLock()
    {
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix.
            held ??= new FileStream(File("poolhouse.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            return false;
        }
    }

    public void Unlock()
    {
        held?.Dispose();
        held = null;
    }

    public void Dispose() => Unlock();

    string File(string name) => Path.Combine(path, name);

    void CheckMark(Opening opening)
    {
        var wanted = opening.Kind == DirectoryKind.Dev ? "dev" : "serve";
        var marker = File(Marker);
        if (System.IO.File.Exists(marker))
        {
            var found = System.IO.File.ReadAllText(marker).Trim();
            // Commands that work beside a server take the directory as it is.
            if (found == wanted || (opening.Mode == OpenMode.Beside && found is "dev" or "serve")) return;
            throw new StorageException(found is "dev" or "serve"
                ? $"{path} was made by `poolhouse {found}`; `poolhouse {wanted}` does not use it. Give it a directory of its own."
                : $"{marker} does not say `dev` or `serve`.");
        }
        if (System.IO.File.Exists(DatabaseFile))
            throw new StorageException($"{path} holds a database but no {Marker}. Write `serve` or `dev` into that file, as the database was made.");
        System.IO.File.WriteAllText(marker, wanted + "\n");
    }

    // SQLite would make it readable for everyone that the umask lets; its journals take the mode of this file.
    void CreateDatabaseFile()
    {
        if (System.IO.File.Exists(DatabaseFile)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var created = new FileStream(DatabaseFile, options);
    }
}
