using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Storage.Engines;

/// <summary>
/// A file that only takes up space. On a full disk not even a delete can be written, so this space is given up for
/// revocations. Until it is back everything else is refused, or sign-ins would eat what was set free.
/// </summary>
sealed class Ballast : IDisposable
{
    public const string FileName = "poolhouse.ballast";

    static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    readonly Lock changing = new();
    readonly string path;
    readonly long size;
    readonly ILogger log;
    readonly ITimer timer;
    volatile bool released;
    bool made;
    bool disposed;

    public Ballast(string path, int megabytes, TimeProvider time, ILogger log)
    {
        this.path = path;
        this.log = log;
        size = megabytes * 1024L * 1024;
        timer = time.CreateTimer(_ => Restore(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (size == 0) return;

        var file = new FileInfo(path);
        made = file.Exists && file.Length == size;
        released = file.Exists && file.Length == 0;      // the server was stopped on a full disk
        if (released) Restore();
        else if (!made) timer.Change(TimeSpan.Zero, Retry);     // beside the start, which it must not delay
    }

    public bool Released => released;

    /// <summary>Gives the space up; false if there is none to give.</summary>
    public bool Release()
    {
        lock (changing)
        {
            if (!made || disposed) return false;
            try
            {
                // Emptied, not deleted: a server that is restarted now must still know.
                using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write);
            }
            catch (IOException e)
            {
                log.LogError(e, "The reserved disk space could not be released");
                return false;
            }
            made = false;
            released = true;
            timer.Change(Retry, Retry);
        }
        log.LogError("The disk that holds the data is full: reserved space was released for revocations, other writes are refused until space returns");
        return true;
    }

    public void Dispose()
    {
        lock (changing) disposed = true;
        timer.Dispose();
    }

    void Restore()
    {
        lock (changing)
        {
            if (made || disposed) return;
            try
            {
                // Twice the size: what is taken back must leave room for those who waited.
                var room = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace >= 2 * size;
                if (room) Make();
                else if (!released) log.LogWarning("There is no room for {Megabytes} MB of reserved disk space", size >> 20);
            }
            catch (IOException e)
            {
                log.LogWarning(e, "The reserved disk space could not be made");
            }
            if (released) timer.Change(Retry, Retry);
            else timer.Change(made ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(1), made ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(1));
        }
    }

    void Make()
    {
        var started = path + ".new";
        try
        {
            // Random bytes, since a file system that compresses would store zeros for nothing.
            var block = RandomNumberGenerator.GetBytes(64 * 1024);
            using (var file = new FileStream(started, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                for (var written = 0L; written < size; written += block.Length) file.Write(block);
            File.Move(started, path, overwrite: true);
        }
        catch
        {
            File.Delete(started);
            throw;
        }
        made = true;
        if (released) log.LogInformation("Disk space has returned, writes are accepted again");
        released = false;
    }
}
