namespace Poolhouse.Bff;

/// <summary>
/// One session as a store sees it: sealed text under an id, with a version that every write raises by one. Nothing in it is of use to whoever reads the store
/// without the master key.
/// </summary>
/// <param name="Id">The key: SHA-256 of the browser's handle in base64url, 43 characters; other records (used logout tokens) have another prefix and at most 100.</param>
/// <param name="Version">1 when it is added; each write raises it by one.</param>
/// <param name="UserKey">What all sessions of one user share, 43 characters; null once the session has ended.</param>
/// <param name="ProviderSessionKey">What all sessions of one session at the provider share, 43 characters; null once the session has ended, or if the provider names none.</param>
/// <param name="Payload">Sealed, in base64: some kilobytes, 64 KB at most.</param>
/// <param name="ForgetAt">Unix milliseconds; after this the record may be removed.</param>
public sealed record BffSessionRecord(string Id, long Version, string? UserKey, string? ProviderSessionKey, string Payload, long ForgetAt);

/// <summary>
/// Where sessions lie. Implement it to keep them in another place than memory, a <see cref="System.Data.Common.DbDataSource"/> or Redis. All members are called from many
/// threads and many nodes at once. A read returns what the last write that was answered has written: no replica that lags behind, no cache. The safety of a refresh rests on
/// <see cref="TryReplaceAsync"/> alone. An exception of a store answers the call with 503; it ends no session.
/// </summary>
public interface IBffSessionStore
{
    /// <summary>Adds a record; false if there is one of this id, which then stays as it is.</summary>
    /// <param name="record">Its version is 1.</param>
    /// <param name="cancel">Gives up; the record may then be there or not.</param>
    ValueTask<bool> TryAddAsync(BffSessionRecord record, CancellationToken cancel = default);

    /// <summary>The record of an id, or null.</summary>
    /// <param name="id">The id.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<BffSessionRecord?> FindAsync(string id, CancellationToken cancel = default);

    /// <summary>Compare and set: writes the record if the version that is stored is the one before its own; false, and nothing written, if it is any other or there is none.</summary>
    /// <param name="record">The whole record, its version raised by one.</param>
    /// <param name="cancel">Gives up; the record may then be written or not.</param>
    ValueTask<bool> TryReplaceAsync(BffSessionRecord record, CancellationToken cancel = default);

    /// <summary>All records with this user key, in any order.</summary>
    /// <param name="userKey">See <see cref="BffSessionRecord.UserKey"/>.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<IReadOnlyList<BffSessionRecord>> FindByUserAsync(string userKey, CancellationToken cancel = default);

    /// <summary>All records with this key of a session at the provider, in any order.</summary>
    /// <param name="providerSessionKey">See <see cref="BffSessionRecord.ProviderSessionKey"/>.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<IReadOnlyList<BffSessionRecord>> FindByProviderSessionAsync(string providerSessionKey, CancellationToken cancel = default);

    /// <summary>Removes records that may be forgotten. Called every few minutes by every node; a store that forgets by itself does nothing.</summary>
    /// <param name="now">Unix milliseconds: records with a <see cref="BffSessionRecord.ForgetAt"/> before this go.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask RemoveForgottenAsync(long now, CancellationToken cancel = default);
}
