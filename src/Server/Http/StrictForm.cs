using System.Text;

namespace Poolhouse.Server.Http;

/// <summary>A form body that cannot be read in one way only; the message helps the developer and repeats nothing.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="status">400, or 413 for a body that is too large.</param>
public sealed class StrictFormException(string message, int status = 400) : Exception(message)
{
    /// <summary>The status code.</summary>
    public int Status { get; } = status;
}

/// <summary>
/// A form body, read once and strictly: form-urlencoded UTF-8 without NUL, at most 64 KB, no field twice (RFC 6749 §3.2),
/// an empty value equal to an absent one.
/// </summary>
public sealed class StrictForm
{
    const int MaxLength = 65_536;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>A field, or null if it is absent or empty.</summary>
    public string? this[string name] => values.GetValueOrDefault(name);

    /// <summary>Reads the body of a request.</summary>
    public static async Task<StrictForm> Read(HttpRequest request, CancellationToken cancel)
    {
        if (!(request.ContentType ?? "").StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            throw new StrictFormException("The body must be application/x-www-form-urlencoded.");
        if (request.ContentLength > MaxLength) throw TooLarge();
        var body = new byte[(int)(request.ContentLength ?? MaxLength) + 1];
        var length = 0;
        while (length < body.Length)
        {
            var read = await request.Body.ReadAsync(body.AsMemory(length), cancel);
            if (read == 0) return Parse(body.AsSpan(0, length));
            length += read;
        }
        throw TooLarge();
    }

    static StrictFormException TooLarge() => new("The body is too large.", 413);

    static StrictForm Parse(ReadOnlySpan<byte> body)
    {
        var form = new StrictForm();
        foreach (var range in body.Split((byte)'&'))
        {
            var pair = body[range];
            if (pair.IsEmpty) continue;
            var equals = pair.IndexOf((byte)'=');
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            if (value.Length > 0 && !form.values.TryAdd(name, value)) throw new StrictFormException("A parameter came more than once.");
        }
        return form;
    }

    // Anything that is not UTF-8 without NUL is an error, never a replacement character.
    static string Decode(ReadOnlySpan<byte> encoded)
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
                throw new StrictFormException("The body is not form-urlencoded.");
            decoded[length++] = Convert.FromHexString([(char)encoded[i + 1], (char)encoded[i + 2]])[0];
            i += 2;
        }
        if (decoded.AsSpan(0, length).Contains((byte)0)) throw new StrictFormException("A value holds a NUL.");
        try
        {
            return Strict.GetString(decoded, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new StrictFormException("A value is not UTF-8.");
        }
    }
}
