using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>
/// The key under which codes go to functions that send them: JWE in its compact form (RFC 7516) with <c>dir</c> and <c>A256GCM</c>
/// (RFC 7518 §4.5, §5.3), which every platform opens in a few lines.
/// </summary>
public sealed class SenderKey
{
    const int IvLength = 12;
    const int TagLength = 16;

    static readonly string Header = Base64Url.EncodeToString("""{"alg":"dir","enc":"A256GCM"}"""u8);

    readonly byte[]? key;

    /// <summary>Reads the setting: 32 bytes in base64, or the path of a file that holds them.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public SenderKey(string? setting)
    {
        if (SecretSetting.Read(setting) is not { } base64) return;
        var bytes = new byte[32];
        key = Convert.TryFromBase64String(base64, bytes, out var length) && length == bytes.Length
            ? bytes : throw new FormatException("Triggers:SenderKey is neither a file nor 32 bytes in base64.");
    }

    /// <summary>Whether there is a key.</summary>
    public bool IsSet => key is not null;

    /// <summary>Seals a text.</summary>
    public string Seal(string clear)
    {
        var (text, iv, tag) = (Encoding.UTF8.GetBytes(clear), RandomNumberGenerator.GetBytes(IvLength), new byte[TagLength]);
        var sealedText = new byte[text.Length];
        using var gcm = new AesGcm(key ?? throw new InvalidOperationException("Nothing is sealed without a key."), TagLength);
        gcm.Encrypt(iv, text, sealedText, tag, Encoding.ASCII.GetBytes(Header));
        return string.Join('.', Header, "", Base64Url.EncodeToString(iv), Base64Url.EncodeToString(sealedText), Base64Url.EncodeToString(tag));
    }
}
