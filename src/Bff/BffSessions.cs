using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff;

/// <summary>A live session, as an administrator or its user may see it.</summary>
/// <param name="Id">Names it to <see cref="BffSessions.EndAsync"/>. It is a hash and opens nothing.</param>
/// <param name="Subject">The user: <c>sub</c> of the ID token.</param>
/// <param name="ProviderSession">The session at the provider (<c>sid</c>, else <c>origin_jti</c>, else <c>event_id</c>), or null if its tokens name none.</param>
/// <param name="SignedInAt">When it began.</param>
/// <param name="LastSeenAt">When it was last used, exact to a minute.</param>
/// <param name="EndsAt">When it ends if nothing is called any more.</param>
public sealed record BffSession(string Id, string Subject, string? ProviderSession, DateTimeOffset SignedInAt, DateTimeOffset LastSeenAt, DateTimeOffset EndsAt);

/// <summary>Lists and ends sessions, on whichever node they were used last. A service of the application; thread-safe.</summary>
public sealed class BffSessions
{
    readonly SessionVault vault;
    readonly ProviderClient provider;

    internal BffSessions(SessionVault vault, ProviderClient provider) => (this.vault, this.provider) = (vault, provider);

    /// <summary>The live sessions of a user, the newest first; only those that this Bff keeps.</summary>
    /// <param name="subject">The user: <c>sub</c> of the ID token.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<BffSession>> OfUserAsync(string subject, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return [.. (await vault.OfUser(subject, cancel)).OrderByDescending(held => held.State.SignedInAt).Select(Shown)];
    }

    /// <summary>Ends one session: its next call is 401 with the reason <c>revoked</c>, its open connections end, and its refresh token is revoked at the provider.</summary>
    /// <param name="id"><see cref="BffSession.Id"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False if there is no such live session.</returns>
    public async Task<bool> EndAsync(string id, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (await vault.End(id, EndReason.Revoked, "ended by the application", null, cancel) is not { } was) return false;
        await provider.Revoke(was.State.Tokens?.Refresh);
        return true;
    }

    /// <summary>Ends all sessions of a user, as <see cref="EndAsync"/> does one.</summary>
    /// <param name="subject">The user: <c>sub</c> of the ID token.</param>
    /// <param name="cancel">Gives up; sessions that were ended until then stay ended.</param>
    /// <returns>How many there were.</returns>
    public async Task<int> EndUserAsync(string subject, CancellationToken cancel = default)
    {
        var ended = 0;
        foreach (var session in await OfUserAsync(subject, cancel))
            if (await EndAsync(session.Id, cancel)) ended++;
        return ended;
    }

    BffSession Shown(Held held) => new(held.Id, held.State.Subject, held.State.ProviderSession, DateTimeOffset.FromUnixTimeMilliseconds(held.State.SignedInAt),
        DateTimeOffset.FromUnixTimeMilliseconds(held.State.SeenAt), DateTimeOffset.FromUnixTimeMilliseconds(vault.EndsAt(held.State)));
}
