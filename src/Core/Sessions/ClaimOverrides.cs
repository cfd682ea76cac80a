using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Poolhouse.Tokens;

namespace Poolhouse.Core.Sessions;

/// <summary>
/// Changes of one token's claims. What says who and what a token is, and by whom and until when, cannot be changed: attempts are ignored
/// (cognito/triggers.md §3). A claim that is suppressed and set is suppressed.
/// </summary>
/// <param name="Set">Claims by name, to be added or to replace others.</param>
/// <param name="Suppress">Claims that go.</param>
public sealed record ClaimOverrides(IReadOnlyDictionary<string, JsonElement>? Set, IReadOnlyList<string>? Suppress)
{
    static readonly FrozenSet<string> Protected = new[]
    {
        "acr", "amr", "at_hash", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities", "iss", "jti", "nbf", "nonce",
        "origin_jti", "sub", "token_use", "username", "version",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly string[] OfGroups = [ClaimNames.Groups, "cognito:roles", "cognito:preferred_role"];
    // Attributes that are no texts in ID tokens: a function says the text, and it becomes what the attribute's value would.
    static readonly string[] Typed = ["email_verified", "phone_number_verified", "updated_at", "address"];

    /// <summary>Rewrites the claims of an ID token, which are a JSON object.</summary>
    internal void ApplyToId(ArrayBufferWriter<byte> payload) => Apply(payload, name => name != "aud" && !IsProtected(name), isTyped: Typed.Contains);

    /// <summary>
    /// Rewrites the claims of an access token. Its scopes have a list of their own, and an audience may be added where there is none: the
    /// app client, and nobody else.
    /// </summary>
    internal void ApplyToAccess(ArrayBufferWriter<byte> payload, string clientId)
    {
        Apply(payload, name => name is not "scope" and not "aud" && !IsProtected(name), isTyped: _ => false,
            Set?.GetValueOrDefault("aud") is { ValueKind: JsonValueKind.String } audience && audience.ValueEquals(clientId) ? ("aud", clientId) : null);
    }

    void Apply(ArrayBufferWriter<byte> payload, Func<string, bool> changeable, Func<string, bool> isTyped, (string Name, string Value)? extra = null)
    {
        using var before = JsonDocument.Parse(payload.WrittenMemory.ToArray());
        payload.ResetWrittenCount();
        var wanted = (Set ?? new Dictionary<string, JsonElement>())
            .Where(claim => claim.Value.ValueKind != JsonValueKind.Null && changeable(claim.Key) && !IsOwn(claim.Key) && (!isTyped(claim.Key) || claim.Value.ValueKind == JsonValueKind.String)).ToDictionary(StringComparer.Ordinal);
        var gone = (Suppress ?? []).Where(changeable).ToHashSet(StringComparer.Ordinal);
        if (gone.Contains(ClaimNames.Groups)) gone.UnionWith(OfGroups);

        using var after = new Utf8JsonWriter(payload, JwtWriter.Options);
        after.WriteStartObject();
        foreach (var claim in before.RootElement.EnumerateObject().Where(claim => !gone.Contains(claim.Name)))
            if (wanted.Remove(claim.Name, out var value)) Write(after, claim.Name, value, isTyped(claim.Name));
            else claim.WriteTo(after);
        foreach (var (name, value) in wanted.Where(claim => !gone.Contains(claim.Key))) Write(after, name, value, isTyped(name));
        if (extra is var (added, text) && !gone.Contains(added) && !before.RootElement.TryGetProperty(added, out _)) after.WriteString(added, text);
        after.WriteEndObject();
        after.Flush();
    }

    static void Write(Utf8JsonWriter claims, string name, JsonElement value, bool typed)
    {
        if (typed)
        {
            TokenMinter.WriteAttribute(claims, name, value.GetString()!);
            return;
        }
        claims.WritePropertyName(name);
        value.WriteTo(claims);
    }

    static bool IsProtected(string name) =>
        Protected.Contains(name) || (name.StartsWith("cognito:", StringComparison.Ordinal) && !OfGroups.Contains(name));

    // These may go, and are set by other ways only: groups by their own member, developers' attributes not at all.
    static bool IsOwn(string name) => OfGroups.Contains(name) || name.StartsWith("dev:", StringComparison.Ordinal);
}
