using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Core.Keys;

/// <summary>
/// The one key that is held outside the database. Everything sealed, hashed or derived uses a key of its own,
/// derived from this one by HKDF (RFC 5869) under the name of its purpose.
/// </summary>
public sealed class MasterKey
{
    readonly byte[] key;
    readonly ConcurrentDictionary<string, byte[]> derived = new(StringComparer.Ordinal);

    /// <summary>Takes 32 bytes.</summary>
    public MasterKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 32) throw new ArgumentException("A master key has 32 bytes.", nameof(bytes));
        key = bytes.ToArray();
    }

    /// <summary>Makes a new random key.</summary>
    public static MasterKey Create() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>Reads the base64 form that the key file and the environment variable hold.</summary>
    public static MasterKey Parse(string base64)
    {
        var bytes = new byte[32];
        return Convert.TryFromBase64String(base64.Trim(), bytes, out var length) && length == 32
            ? new(bytes)
            : throw new FormatException("The master key must be 32 bytes in base64.");
    }

    /// <summary>The base64 form, for the key file only.</summary>
    public string Export() => Convert.ToBase64String(key);

    /// <summary>The 32-byte key of one purpose.</summary>
    public byte[] Derive(string purpose) => derived.GetOrAdd(purpose, static (name, master) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: Encoding.UTF8.GetBytes($"poolhouse/{name}")), key);

    /// <summary>A keyed hash of a value: what the database keeps of codes, handles and names in throttle counters.</summary>
    public byte[] Hash(string purpose, string value) => HMACSHA256.HashData(Derive(purpose), Encoding.UTF8.GetBytes(value));

    /// <summary>What the database remembers of this key, so that a node with another key refuses to start.</summary>
    public string CheckValue() => Convert.ToHexStringLower(Hash("check", "poolhouse"));
}
