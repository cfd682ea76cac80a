namespace Poolhouse.Storage;

/// <summary>Who may use the data at the same time.</summary>
public enum OpenMode
{
    /// <summary>The one process that serves or migrates: holds the lock of the data directory, runs migrations.</summary>
    Exclusive,

    /// <summary>A command that works beside a running server; migrates only when nobody else is there.</summary>
    Beside,

    /// <summary>A command that looks and migrates nothing.</summary>
    Looking,
}

/// <summary>What a data directory was made for. Data that was seeded with well-known secrets must never be served.</summary>
public enum DirectoryKind
{
    Serve,
    Dev,
}

/// <summary>Why the data is opened, by whom, and what to do when it can no longer be trusted.</summary>
/// <param name="Kind">Must match the mark of the data directory; a new directory gets this mark.</param>
/// <param name="Mode">Whether another process may have it open.</param>
/// <param name="OnFatal">Asked to stop the process when the result of a commit is unknown.</param>
/// <param name="DatabaseClock">On PostgreSQL, correct the clock by the database's; off under a fake clock.</param>
public sealed record Opening(
    DirectoryKind Kind = DirectoryKind.Serve,
    OpenMode Mode = OpenMode.Exclusive,
    Action<Exception>? OnFatal = null,
    bool DatabaseClock = true);
