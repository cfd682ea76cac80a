namespace Poolhouse.Storage;

/// <summary>Empties a dev database: everything but its schema, its keys, its revocation feed and what the engine needs.</summary>
public static class Wipe
{
    static readonly string[] Tables =
    [
        "ssf_verifications", "ssf_acks", "ssf_streams", "messages", "browser_sessions", "throttles", "confirmation_codes", "challenges", "authorization_codes", "sessions", "audit",
        "group_members", "groups", "user_attributes", "user_factors", "devices", "password_history", "users", "resource_servers", "client_secrets", "clients", "domains", "pools",
    ];

    /// <summary>Deletes every row; what nodes keep in memory is dropped by change records, and guards hear that every session has ended.</summary>
    public static async Task All(Tx tx)
    {
        foreach (var (kind, key) in ((string, string)[])[("pool", "id"), ("client", "id"), ("domain", "domain")])
            foreach (var id in await tx.Many($"select {key} from {kind}s", row => row.GetString(0)))
                Changes.Append(tx, kind, id);
        foreach (var pool in await tx.Many("select id from pools", row => row.GetString(0))) await SessionStore.EndAllOf(tx, pool);
        foreach (var table in Tables) await tx.Execute($"delete from {table}");
    }
}
