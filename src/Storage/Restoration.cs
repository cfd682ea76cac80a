namespace Poolhouse.Storage;

/// <summary>What has to follow when a backup takes the place of a newer database, which may have known of sessions that ended since.</summary>
public static class Restoration
{
    // What may have been spent or ended after the backup, and would now be good once more.
    static readonly string[] SingleUse = ["browser_sessions", "authorization_codes", "challenges", "confirmation_codes"];

    /// <summary>
    /// Starts a new epoch of the revocation feed, so that its readers fetch everything again and keep what they know; and unless
    /// the sessions are kept, makes everybody sign in anew.
    /// </summary>
    public static async Task Declare(Tx tx, bool keepSessions)
    {
        await FeedEpoch.Renew(tx);
        if (keepSessions) return;
        await RefreshKeys.Retire(tx);
        foreach (var table in SingleUse) await tx.Execute($"delete from {table}");
    }
}
