using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Poolhouse.Guard;

/// <summary>The claims that every check is about, found in one pass: a look-up by name goes over all members each time.</summary>
readonly struct KnownClaims
{
    public KnownClaims(JsonElement payload)
    {
        foreach (var member in payload.EnumerateObject())
        {
            var name = Name(member);
            if (name.SequenceEqual("iss"u8)) Issuer = member.Value;
            else if (name.SequenceEqual("token_use"u8)) Use = member.Value;
            else if (name.SequenceEqual("client_id"u8)) ClientId = member.Value;
            else if (name.SequenceEqual("aud"u8)) Audience = member.Value;
            else if (name.SequenceEqual("exp"u8)) Expires = member.Value;
            else if (name.SequenceEqual("nbf"u8)) NotBefore = member.Value;
            else if (name.SequenceEqual("origin_jti"u8)) OriginJti = member.Value;
            else if (name.SequenceEqual("event_id"u8)) EventId = member.Value;
        }
    }

    public JsonElement Issuer { get; }

    public JsonElement Use { get; }

    public JsonElement ClientId { get; }

    public JsonElement Audience { get; }

    public JsonElement Expires { get; }

    public JsonElement NotBefore { get; }

    public JsonElement OriginJti { get; }

    public JsonElement EventId { get; }

    /// <summary>Whether a claim is this text.</summary>
    public static bool Is(JsonElement claim, string text) => claim.ValueKind == JsonValueKind.String && claim.ValueEquals(text);

    // A name may be written with escapes, and is the same name then.
    static ReadOnlySpan<byte> Name(JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(member.Name) : raw;
    }
}
