using System.Text;

namespace Poolhouse.Server.OAuth;

/// <summary>
/// The body of an OAuth request, read once and strictly: form-urlencoded UTF-8, at most 64 KB, no parameter twice
/// (RFC 6749 §3.2), an empty value equal to an absent one.
/// </summary>
sealed class OAuthForm
{
    const int MaxLength = 65_536;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>A parameter, or null if it is absent or empty.</summary>
    public string? this[string name] => values.GetValueOrDefault(name);

    /// <summary>A parameter that must be there.</summary>
    public string Required(string name) => this[name] ?? throw OAuthException.InvalidRequest($"The parameter {name} is missing.");

    public static async Task<OAuthForm> Read(HttpRequest request, CancellationToken cancel)
    {
        if (!(request.ContentType ?? "").StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            throw OAuthException.InvalidRequest("The body must be application/x-www-form-urlencoded.");
        if (request.ContentLength > MaxLength) throw new OAuthException("invalid_request", "The body is too large.", 413);
        var body = new byte[(int)(request.ContentLength ?? MaxLength) + 1];
        var length = 0;
        while (length < body.Length)
        {
            var read = await request.Body.ReadAsync(body.AsMemory(length), cancel);
            if (read == 0) return Parse(body.AsSpan(0, length));
            length += read;
        }
        throw new OAuthException("invalid_request", "The body is too large.", 413);
    }

    static OAuthForm Parse(ReadOnlySpan<byte> body)
    {
        var form = new OAuthForm();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            if (pair.IsEmpty) continue;
            var equals = pair.IndexOf((byte)'=');
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            if (value.Length > 0 && !form.values.TryAdd(name, value)) throw OAuthException.InvalidRequest($"A parameter came more than once.");
        }
        return form;
    }

    /// <summary>Decodes one name or value; anything that is not UTF-8 without NUL is an error, never a replacement character.</summary>
    public static string Decode(ReadOnlySpan<byte> encoded)
    {
        var decoded = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != '%')
            {
                decoded[length++] = encoded[i] == '+' ? (byte)' ' : encoded[i];
                continue;
            }
            if (i + 2 >= encoded.Length || !char.IsAsciiHexDigit((char)encoded[i + 1]) || !char.IsAsciiHexDigit((char)encoded[i + 2]))
                throw OAuthException.InvalidRequest("The body is not form-urlencoded.");
            decoded[length++] = (byte)(Convert.FromHexString([(char)encoded[i + 1], (char)encoded[i + 2]])[0]);
            i += 2;
        }
        if (decoded.AsSpan(0, length).Contains((byte)0)) throw OAuthException.InvalidRequest("A value holds a NUL.");
        try
        {
            return Strict.GetString(decoded, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw OAuthException.InvalidRequest("A value is not UTF-8.");
        }
    }
}
