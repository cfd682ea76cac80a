using System.Security.Cryptography;

namespace Poolhouse.Storage;

/// <summary>
/// The epoch of the revocation feed: 128 random bits that change when the database may have lost its latest past, so that readers
/// fetch everything again and merge it into what they have.
/// </summary>
public static class FeedEpoch
{
    const string Key = "epoch";
    const string LineageKey = "lineage";

    /// <summary>Starts a new epoch.</summary>
    public static Task Renew(Tx tx) => Meta.Set(tx, Key, New());

    /// <summary>Makes the first epoch of a database, and a new one where PostgreSQL says that it is not the database it was.</summary>
    public static async Task<bool> Follow(Tx tx, string? lineage)
    {
        await Meta.InsertOrRead(tx, Key, New());
        if (lineage is null || await Meta.InsertOrRead(tx, LineageKey, lineage) == lineage) return false;
        // Of several nodes that notice it one makes the epoch.
        if (await tx.Execute("update meta set value = @now where key = @key and value <> @now", ("now", lineage), ("key", LineageKey)) == 0) return false;
        await Renew(tx);
        return true;
    }

    static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
