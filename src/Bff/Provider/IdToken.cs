using System.Buffers.Text;
using System.Text.Json;
using Poolhouse.Tokens;

namespace Poolhouse.Bff.Provider;

/// <summary>
/// The claims of an ID token whose origin is proven: by its signature at the sign-in, by the TLS connection to the token endpoint at a refresh (OpenID Connect Core §3.1.3.7).
/// </summary>
sealed class IdToken
{
    // What a page has no use for: who the token is for and how it is made.
    static readonly HashSet<string> Protocol = new(StringComparer.Ordinal)
    {
        "iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash", "sid", "token_use", ClaimNames.OriginJti, ClaimNames.EventId,
    };

    readonly JsonElement payload;

    IdToken(JsonElement payload) => this.payload = payload;

    public string Subject => Text(ClaimNames.Subject) ?? "";

    public string? Issuer => Text(ClaimNames.Issuer);

    /// <summary>The session at the provider: by Back-Channel Logout §2.1 its <c>sid</c>; by Cognito's tokens what they came from.</summary>
    public string? Session => Text("sid") ?? Text(ClaimNames.OriginJti) ?? Text(ClaimNames.EventId);

    /// <summary>What the page may know.</summary>
    public Dictionary<string, JsonElement> Claims =>
        payload.EnumerateObject().Where(claim => !Protocol.Contains(claim.Name)).ToDictionary(claim => claim.Name, claim => claim.Value, StringComparer.Ordinal);

    /// <summary>Reads a token; null for what is none.</summary>
    public static IdToken? Read(string? token)
    {
        if (token?.Split('.') is not [_, var part, _]) return null;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), new() { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? new(document.RootElement.Clone()) : null;
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            return null;
        }
    }

    string? Text(string name) => payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
