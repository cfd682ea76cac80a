namespace Poolhouse.Core.Keys;

/// <summary>Where the master key is.</summary>
/// <param name="Master">The master key (32 bytes in base64), or the path of a file that holds it; unset, SQLite keeps one beside the database.</param>
public sealed record KeyOptions(string? Master = null);
