using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>What expires, and how long it is kept after that.</summary>
static class Purging
{
    const long Day = 86_400_000;
    const long Hour = 3_600_000;

    /// <summary>Registers the statements that delete expired rows in batches.</summary>
    public static void Register(Purger purger, AuditOptions audit)
    {
        // A session's last access token may outlive it by a day; until then the session answers whether it was revoked.
        purger.Add("sessions", Expired("sessions", "id", Day));
        purger.Add("revocations", "delete from revocations where (pool_id, seq) in (select pool_id, seq from revocations where keep_until < @now limit @limit)");
        // A spent code is remembered until its sessions could have been stolen with it.
        purger.Add("authorization_codes", Expired("authorization_codes", "hash", Day));
        // Who answers too late is told that; a challenge that is forgotten can only be called unknown.
        purger.Add("challenges", Expired("challenges", "hash", Hour));
        purger.Add("throttles", Expired("throttles", "subject", 0));
        purger.Add("browser_sessions", Expired("browser_sessions", "hash", 0));
        purger.Add("messages", Expired("messages", "id", 0));
        purger.Add("audit", AuditTrail.Purge(audit.Days * Day));
        purger.Add("audit_refreshes", AuditTrail.PurgeRefreshes(audit.RefreshDays * Day));
        purger.Add("nodes", RevocationStore.PurgeNodesSql);
        purger.Add("signing_keys", SigningKeyStore.PurgeSql);
        purger.Add("ssf_streams", SsfStreamStore.PurgeSql);
        purger.Add("ssf_acks", SsfStreamStore.PurgeAcksSql);
        purger.Add("ssf_verifications", SsfStreamStore.PurgeVerificationsSql);
        purger.Add("confirmation_codes",
            """
            delete from confirmation_codes where (pool_id, sub, purpose) in
                (select pool_id, sub, purpose from confirmation_codes where ends_at < @now limit @limit)
            """);
    }

    static string Expired(string table, string key, long keptMs) =>
        $"delete from {table} where {key} in (select {key} from {table} where ends_at < @now - {keptMs} limit @limit)";
}
