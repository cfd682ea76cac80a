using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Poolhouse.Tokens;

/// <summary>
/// A compact JWS (RFC 7515 §7.1), read strictly: three parts, at most 8 KB, JSON objects at most 16 deep without
/// duplicate members or halves of surrogate pairs, a <c>kid</c> of 1 to 128 printable ASCII characters, no <c>crit</c>. Nothing is verified yet, and
/// <c>jku</c>, <c>x5u</c>, <c>jwk</c> and <c>x5c</c> are never looked at.
/// </summary>
public sealed class Jwt
{
    /// <summary>The longest token that is read, in characters.</summary>
    public const int MaxLength = 8192;

    // Among the names of so many members it is quick to see that all differ.
    const int Few = 32;

    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };
    static readonly JsonDocumentOptions Loose = Strict with { AllowDuplicateProperties = true };

    readonly string text;

    Jwt(string text, string kid, string algorithm, JsonElement payload) => (this.text, Kid, Algorithm, Payload) = (text, kid, algorithm, payload);

    /// <summary>Names the key; only ever a dictionary key.</summary>
    public string Kid { get; }

    /// <summary>The algorithm that the header claims. The key's own record decides, never this.</summary>
    public string Algorithm { get; }

    /// <summary>The claims, a JSON object.</summary>
    public JsonElement Payload { get; }

    /// <summary>The bytes that the signature covers.</summary>
    public ReadOnlyMemory<byte> Signed => Encoding.ASCII.GetBytes(text, 0, text.LastIndexOf('.'));

    /// <summary>The signature; empty, which is nobody's, where the characters of the last part are the base64url of nothing.</summary>
    public ReadOnlyMemory<byte> Signature
    {
        get
        {
            try
            {
                return Base64Url.DecodeFromChars(text.AsSpan(text.LastIndexOf('.') + 1));
            }
            catch (FormatException)
            {
                return default;
            }
        }
    }

    /// <summary>Reads a token; false for anything that has not exactly the expected form.</summary>
    public static bool TryRead(string? token, out Jwt jwt)
    {
        jwt = null!;
        if (token is null || token.Length > MaxLength) return false;
        var first = token.IndexOf('.', StringComparison.Ordinal);
        var last = token.LastIndexOf('.');
        if (first <= 0 || last <= first + 1 || token.AsSpan(first + 1, last - first - 1).Contains('.')) return false;
        if (!TryReadHeader(token.AsSpan(0, first), out var header) || !TryParse(token.AsSpan(first + 1, last - first - 1), out var payload)) return false;
        var signature = token.AsSpan(last + 1);
        // No base64 has such a length, RFC 4648 §4.
        if (signature.Length == 0 || signature.Length % 4 == 1 || signature.ContainsAnyExcept(Alphabet)) return false;
        jwt = new(token, header.Kid, header.Algorithm, payload);
        return true;
    }

    static bool TryReadHeader(ReadOnlySpan<char> part, out Header header)
    {
        header = lastHeader;
        if (part.SequenceEqual(header.Part)) return true;
        if (!TryParse(part, out var json) || json.TryGetProperty("crit", out _)) return false;
        if (Text(json, "kid") is not { Length: > 0 and <= 128 } kid || kid.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
        if (Text(json, "alg") is not { } algorithm) return false;
        lastHeader = header = new(part.ToString(), kid, algorithm);
        return true;
    }

    // The tokens of one key have one and the same header: what was read of the last good one is kept.
    sealed record Header(string Part, string Kid, string Algorithm);

    static Header lastHeader = new("", "", "");

    /// <summary>A claim that is a string, or null.</summary>
    public string? Text(string claim) => Text(Payload, claim);

    /// <summary>A claim that is a whole number, or null.</summary>
    public long? Number(string claim) => Payload.TryGetProperty(claim, out var value) ? Number(value) : null;

    /// <summary>A member of a JSON object that is a string, or null.</summary>
    public static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>The value of a claim that is a string, or null; null too for a claim that was not found.</summary>
    public static string? Text(JsonElement claim) => claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;

    /// <summary>The value of a claim that is a whole number of 64 bits, or null; null too for a claim that was not found.</summary>
    public static long? Number(JsonElement claim) => claim.ValueKind == JsonValueKind.Number && claim.TryGetInt64(out var number) ? number : null;

    static bool TryParse(ReadOnlySpan<char> part, out JsonElement json)
    {
        json = default;
        if (part.ContainsAnyExcept(Alphabet)) return false;
        Span<byte> buffer = stackalloc byte[Base64Url.GetMaxDecodedLength(part.Length)];
        try
        {
            var bytes = buffer[..Base64Url.DecodeFromChars(part, buffer)];
            // The parser looks at bytes, and would leave it to the reader of a claim to find that they are no text.
            if (!Utf8.IsValid(bytes)) return false;
            // Who looks for twins among names that may be disguised by escapes has to undo these: the parser does, and takes its time.
            var escapes = bytes.Contains((byte)'\\');
            json = JsonElement.Parse(bytes, escapes ? Strict : Loose);
            if (!escapes && MayHaveTwins(json)) json = JsonElement.Parse(bytes, Strict);
            return json.ValueKind == JsonValueKind.Object && (!escapes || IsText(json));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    // Half a surrogate pair in an escape is JSON to the parser and a text to nobody: whoever reads the claim later would fail at it.
    static bool IsText(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && IsText(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().All(IsText),
        JsonValueKind.String => json.GetString() is not null,
        _ => true,
    };

    // Whether two members of an object may have one name: two names are of one length and agree at three places, or there are too many to say.
    static bool MayHaveTwins(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array) return json.EnumerateArray().Any(MayHaveTwins);
        if (json.ValueKind != JsonValueKind.Object) return false;
        Span<int> marks = stackalloc int[Few];
        var count = 0;
        foreach (var member in json.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(member);
            var mark = name.Length == 0 ? 0 : name.Length << 24 ^ name[0] << 16 ^ name[name.Length / 2] << 8 ^ name[^1];
            if (count == Few || marks[..count].Contains(mark)) return true;
            if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && MayHaveTwins(member.Value)) return true;
            marks[count++] = mark;
        }
        return false;
    }

    static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
