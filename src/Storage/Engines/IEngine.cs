using System.Data.Common;

namespace Poolhouse.Storage.Engines;

/// <summary>How one database product is opened, read and written: SQLite in this process, or PostgreSQL.</summary>
interface IEngine : IAsyncDisposable
{
    Dialect Dialect { get; }

    DbDataSource Reads { get; }

    long Now { get; }

    string? NotReady { get; }

    /// <summary>Told of the change records of a transaction right after its commit, before its caller is.</summary>
    Action<IReadOnlyList<Change>> Committed { set; }

    Task<T> Write<T>(Func<Tx, Task<T>> work, bool evenIfFull);
}
