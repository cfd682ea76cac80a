using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Bff.Store;

/// <summary>
/// Everything that is made of the master key. A session is sealed by AES-256-GCM under a key of its own (HKDF over its id), so that no count of writes brings two
/// equal nonces under one key near, and with its id as associated data, so that one row cannot be given the text of another.
/// </summary>
sealed class Seal(byte[] master)
{
    const int NonceLength = 12;
    const int TagLength = 16;
    const byte Form = 1;

    public string Close(string id, ReadOnlySpan<byte> plain)
    {
        var sealed_ = new byte[1 + NonceLength + plain.Length + TagLength];
        sealed_[0] = Form;
        var nonce = sealed_.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Derive("session", id), TagLength);
        aes.Encrypt(nonce, plain, sealed_.AsSpan(1 + NonceLength, plain.Length), sealed_.AsSpan(1 + NonceLength + plain.Length), Encoding.UTF8.GetBytes(id));
        return Convert.ToBase64String(sealed_);
    }

    /// <summary>What was sealed for this id; null for anything else: another key, another id, a changed text.</summary>
    public byte[]? Open(string id, string text)
    {
        try
        {
            var all = Convert.FromBase64String(text).AsSpan();
            if (all.Length < 1 + NonceLength + TagLength || all[0] != Form) return null;
            var body = all[(1 + NonceLength)..^TagLength];
            var plain = new byte[body.Length];
            using var aes = new AesGcm(Derive("session", id), TagLength);
            aes.Decrypt(all.Slice(1, NonceLength), body, all[^TagLength..], plain, Encoding.UTF8.GetBytes(id));
            return plain;
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>What stands in an index of the store in place of a name, so that a dump of it tells nobody's.</summary>
    public string IndexKey(string kind, string value) => Base64Url.EncodeToString(HMACSHA256.HashData(Derive("index", kind), Encoding.UTF8.GetBytes(value)));

    /// <summary>A key for one purpose.</summary>
    public byte[] Derive(string purpose, string of) => HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: Encoding.UTF8.GetBytes($"poolhouse-bff\0{purpose}\0{of}"));
}
