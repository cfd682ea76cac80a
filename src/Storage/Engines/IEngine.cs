namespace Poolhouse.Storage.Engines;

/// <summary>How one database product is opened, read and written: SQLite in this process, or PostgreSQL.</summary>
interface IEngine : IAsyncDisposable
{
    Dialect Dialect { get; }

    /// <summary>A connection to read with, for one read.</summary>
    ValueTask<Reader> Reader(CancellationToken cancel);

    long Now { get; }

    string? NotReady { get; }

    /// <summary>How many writes wait for their turn.</summary>
    int Waiting { get; }

    /// <summary>Told of what a transaction announces right after its commit, before its caller is; and of what other nodes announce.</summary>
    Action<IReadOnlyList<Change>> Announced { set; }

    /// <summary>What tells this database from an older or another copy of it, or null where nothing can.</summary>
    Task<string?> Lineage(CancellationToken cancel);

    Task<T> Write<T>(Func<Tx, Task<T>> work, bool evenIfFull);
}
