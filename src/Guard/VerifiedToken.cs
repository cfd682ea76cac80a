using System.Collections.Frozen;
using System.Text.Json;
using Poolhouse.Tokens;

namespace Poolhouse.Guard;

/// <summary>
/// A token whose signature, issuer, kind and client have been verified. What it says is immutable. What every check needs is at hand; the rest is read
/// from the claims when it is asked for, since thousands of these are held in memory.
/// </summary>
public sealed class VerifiedToken
{
    readonly JsonElement session;
    long activeAt;
    bool dead;
    IReadOnlySet<string>? scopes;
    IReadOnlySet<string>? groups;

    internal VerifiedToken(JsonElement claims, string clientId, TokenUse use, JsonElement session, long expiresAt, long notBefore)
    {
        (Claims, ClientId, TokenUse, this.session, ExpiresAtMs, NotBeforeMs) = (claims, clientId, use, session, expiresAt, notBefore);
        Session = session.ValueKind == JsonValueKind.String && session.TryGetGuid(out var id) ? id : null;
    }

    /// <summary><c>sub</c>: the user, or the client id in the token of a machine.</summary>
    public string Subject => Text(ClaimNames.Subject) ?? "";

    /// <summary>The name with which the user signs in, or null for a machine.</summary>
    public string? Username => Text("username") ?? Text("cognito:username");

    /// <summary>The app client.</summary>
    public string ClientId { get; }

    /// <summary>Access or ID token.</summary>
    public TokenUse TokenUse { get; }

    /// <summary>The scopes; none in an ID token.</summary>
    public IReadOnlySet<string> Scopes => scopes ??= (Text(ClaimNames.Scope) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The groups of the user as of the last refresh.</summary>
    public IReadOnlySet<string> Groups => groups ??= Texts(Claims, ClaimNames.Groups).ToFrozenSet(StringComparer.Ordinal);

    /// <summary><c>jti</c>, or null: Cognito leaves it out where neither revocation nor rotation is on.</summary>
    public string? TokenId => Text(ClaimNames.TokenId);

    /// <summary>The session (refresh-token family) that the token comes from: <c>origin_jti</c>, else <c>event_id</c>; null for a machine.</summary>
    public string? SessionId => Jwt.Text(session);

    /// <summary>When the token ends.</summary>
    public DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAtMs);

    /// <summary>All claims, a JSON object.</summary>
    public JsonElement Claims { get; }

    internal long ExpiresAtMs { get; }

    internal long NotBeforeMs { get; }

    internal Guid? Session { get; }

    /// <summary>When the issuer was asked that last said that it is active, by the monotonic clock; 0 if never asked.</summary>
    internal long ActiveAt
    {
        get => Volatile.Read(ref activeAt);
        set => Volatile.Write(ref activeAt, value);
    }

    /// <summary>Whether the issuer has said that it is not active. It stays so: what was refused once does not come back because nobody answers any more.</summary>
    internal bool IsDead
    {
        get => Volatile.Read(ref dead);
        set => Volatile.Write(ref dead, value);
    }

    string? Text(string claim) => Jwt.Text(Claims, claim);

    static IEnumerable<string> Texts(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!) : [];
}
