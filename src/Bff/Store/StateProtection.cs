using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Poolhouse.Bff.Store;

/// <summary>
/// Seals the state and nonce of a sign-in that is under way. Derived from the master key alone: every node can open what another has sealed from its first second
/// on, and no key ring is written anywhere, which the framework's own would do in clear in the home directory.
/// </summary>
sealed class StateProtection(byte[] key) : IDataProtectionProvider, IDataProtector
{
    const int NonceLength = 12;
    const int TagLength = 16;

    public IDataProtector CreateProtector(string purpose) =>
        new StateProtection(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes("protector\0" + purpose)));

    public byte[] Protect(byte[] plaintext)
    {
        // The key is that of a purpose and is used for years, but only for sign-ins: 2^32 of them stay far away.
        var all = new byte[NonceLength + plaintext.Length + TagLength];
        RandomNumberGenerator.Fill(all.AsSpan(0, NonceLength));
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(all.AsSpan(0, NonceLength), plaintext, all.AsSpan(NonceLength, plaintext.Length), all.AsSpan(NonceLength + plaintext.Length));
        return all;
    }

    public byte[] Unprotect(byte[] protectedData)
    {
        if (protectedData.Length < NonceLength + TagLength) throw new CryptographicException("The text is too short to have been sealed here.");
        var plain = new byte[protectedData.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(protectedData.AsSpan(0, NonceLength), protectedData.AsSpan(NonceLength, plain.Length), protectedData.AsSpan(^TagLength), plain);
        return plain;
    }
}
