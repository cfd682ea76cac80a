using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Core.Keys;

/// <summary>
/// Encryption at rest: AES-256-GCM with a random nonce. The associated data names the owner, so that a sealed value
/// that is copied to another pool, user or client does not open there.
/// </summary>
public sealed class Sealing(MasterKey master)
{
    const byte Version = 1;
    const int NonceLength = 12;
    const int TagLength = 16;

    /// <summary>Seals a value for one purpose and one owner (for instance "pool/sub").</summary>
    public byte[] Seal(string purpose, string owner, ReadOnlySpan<byte> clear)
    {
        var sealedBytes = new byte[1 + NonceLength + clear.Length + TagLength];
        sealedBytes[0] = Version;
        var nonce = sealedBytes.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(master.Derive($"seal/{purpose}"), TagLength);
        aes.Encrypt(nonce, clear, sealedBytes.AsSpan(1 + NonceLength, clear.Length), sealedBytes.AsSpan(^TagLength), Encoding.UTF8.GetBytes(owner));
        return sealedBytes;
    }

    /// <summary>Seals a text.</summary>
    public byte[] Seal(string purpose, string owner, string clear) => Seal(purpose, owner, Encoding.UTF8.GetBytes(clear));

    /// <summary>Opens what <see cref="Seal(string,string,ReadOnlySpan{byte})"/> made, or returns null if it is not ours or was changed.</summary>
    public byte[]? Open(string purpose, string owner, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < 1 + NonceLength + TagLength || sealedBytes[0] != Version) return null;
        var clear = new byte[sealedBytes.Length - 1 - NonceLength - TagLength];
        using var aes = new AesGcm(master.Derive($"seal/{purpose}"), TagLength);
        try
        {
            aes.Decrypt(sealedBytes.Slice(1, NonceLength), sealedBytes[(1 + NonceLength)..^TagLength], sealedBytes[^TagLength..], clear, Encoding.UTF8.GetBytes(owner));
            return clear;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Opens a sealed text, or returns null.</summary>
    public string? OpenText(string purpose, string owner, ReadOnlySpan<byte> sealedBytes) =>
        Open(purpose, owner, sealedBytes) is { } clear ? Encoding.UTF8.GetString(clear) : null;
}
