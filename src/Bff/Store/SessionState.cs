using System.Text.Json;
using System.Text.Json.Serialization;

namespace Poolhouse.Bff.Store;

/// <summary>The tokens of a session. Times are unix milliseconds.</summary>
/// <param name="Access">The access token.</param>
/// <param name="Refresh">The refresh token; null if the provider gave none.</param>
/// <param name="Id">The ID token, for the provider's logout.</param>
/// <param name="ExpiresAt">When the access token ends.</param>
/// <param name="RefreshAt">When it is to be replaced; the chance in it is thrown once, so that all nodes have the same moment.</param>
sealed record SessionTokens(string Access, string? Refresh, string? Id, long ExpiresAt, long RefreshAt)
{
    /// <summary>Without the tokens, in case it is ever printed.</summary>
    public override string ToString() => $"tokens until {ExpiresAt}";
}

/// <summary>Who is redeeming the refresh token at this moment. It keeps others waiting, and protects nothing: that the version does.</summary>
/// <param name="Node">The node, for the log.</param>
/// <param name="Nonce">Tells this claim from every other, also of the same node.</param>
/// <param name="At">When it was made, for the log; clocks of nodes are never compared.</param>
/// <param name="Beat">Rises while its owner lives.</param>
sealed record RefreshClaim(string Node, string Nonce, long At, int Beat);

/// <summary>What a session is; stored sealed. Once it has ended only the reason is left, for the browser to be told.</summary>
/// <param name="Reason">Why it has ended; null while it lives.</param>
/// <param name="Subject">The user.</param>
/// <param name="ProviderSession">The provider's session: <c>sid</c>, else <c>origin_jti</c>, else <c>event_id</c>.</param>
/// <param name="SignedInAt">When it began.</param>
/// <param name="SeenAt">When it was last used, exact to a minute.</param>
/// <param name="EndsAt">When it ends whatever happens.</param>
/// <param name="Claims">What the browser may know of the user.</param>
/// <param name="Tokens">The tokens; null once it has ended.</param>
/// <param name="Claim">Who is refreshing now.</param>
/// <param name="RefreshNotBefore">The provider was away: when it may be asked again.</param>
sealed record SessionState(
    EndReason? Reason, string Subject, string? ProviderSession, long SignedInAt, long SeenAt, long EndsAt, Dictionary<string, JsonElement> Claims,
    SessionTokens? Tokens, RefreshClaim? Claim = null, long RefreshNotBefore = 0)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StoreJson.Default.SessionState);

    public static SessionState? Of(byte[] json) => JsonSerializer.Deserialize(json, StoreJson.Default.SessionState);

    public SessionState Ended(EndReason reason) => this with { Reason = reason, Claims = [], Tokens = null, Claim = null, ProviderSession = null };
}

/// <summary>The JSON inside the seal.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionState))]
sealed partial class StoreJson : JsonSerializerContext;
