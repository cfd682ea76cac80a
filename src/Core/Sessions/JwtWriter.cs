using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Poolhouse.Core.Keys;

namespace Poolhouse.Core.Sessions;

/// <summary>Writes one signed token: claims in, compact JWS out. The two signatures are the price of a refresh; everything here stays small beside them.</summary>
sealed class JwtWriter : IDisposable
{
    const int SignatureLength = 256;

    internal static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    readonly ArrayBufferWriter<byte> payload = new(1024);

    public JwtWriter()
    {
        Claims = new(payload, Options);
        Claims.WriteStartObject();
    }

    public Utf8JsonWriter Claims { get; }

    public void Dispose() => Claims.Dispose();

    public string Sign(SigningKey key) => Sign(key, key.Header);

    /// <summary>Signs what comes out when the claims so far are changed.</summary>
    public string Sign(SigningKey key, Action<ArrayBufferWriter<byte>>? change)
    {
        End();
        change?.Invoke(payload);
        return Signed(key, key.Header);
    }

    /// <summary>Signs under a JOSE header that says more than the usual one; base64url.</summary>
    public string Sign(SigningKey key, ReadOnlySpan<byte> header)
    {
        End();
        return Signed(key, header);
    }

    void End()
    {
        Claims.WriteEndObject();
        Claims.Flush();
    }

    string Signed(SigningKey key, ReadOnlySpan<byte> header)
    {
        var bodyEnd = header.Length + 1 + Base64Url.GetEncodedLength(payload.WrittenCount);
        var length = bodyEnd + 1 + Base64Url.GetEncodedLength(SignatureLength);
        var token = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            header.CopyTo(token);
            token[header.Length] = (byte)'.';
            Base64Url.EncodeToUtf8(payload.WrittenSpan, token.AsSpan(header.Length + 1));
            token[bodyEnd] = (byte)'.';
            Span<byte> signature = stackalloc byte[SignatureLength];
            var signed = key.Sign(token.AsSpan(0, bodyEnd), signature);
            Base64Url.EncodeToUtf8(signature[..signed], token.AsSpan(bodyEnd + 1));
            return Encoding.ASCII.GetString(token, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(token);
        }
    }
}
