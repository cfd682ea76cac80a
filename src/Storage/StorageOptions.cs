namespace Poolhouse.Storage;

/// <summary>Where the data lives. Bound from configuration, so every default stands in the declaration.</summary>
/// <param name="DataDirectory">Where SQLite, its ballast and the directory marker live.</param>
/// <param name="ConnectionString">A PostgreSQL connection string; without one the data is in <c>poolhouse.db</c> in the data directory.</param>
/// <param name="BallastMegabytes">Disk space kept back so that a revocation can still be written when the disk is full; 0 turns it off.</param>
/// <param name="PurgeSeconds">How often expired rows are deleted.</param>
public sealed record StorageOptions(
    string DataDirectory = "./data",
    string? ConnectionString = null,
    int BallastMegabytes = 32,
    int PurgeSeconds = 60)
{
    /// <summary>Where SQLite's file is.</summary>
    public string DatabaseFile => Path.Combine(DataDirectory, Engines.DataDirectory.FileName);

    /// <summary>Where the space that is kept back is.</summary>
    public string BallastFile => Path.Combine(DataDirectory, Engines.Ballast.FileName);
}
