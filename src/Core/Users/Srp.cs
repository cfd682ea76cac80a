using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Core.Users;

/// <summary>SRP-6a as Cognito's clients compute it: group 15 of RFC 3526, SHA-256, and numbers in their shortest signed form (not padded to N).</summary>
public static class Srp
{
    /// <summary>The 3072-bit prime of RFC 3526 group 15.</summary>
    public static readonly BigInteger N = BigInteger.Parse("0" +
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B" +
        "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6" +
        "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D" +
        "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718" +
        "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D" +
        "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
        "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
        NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    static readonly BigInteger G = 2;

    // k = H(PAD(N) ‖ PAD(g))
    static readonly BigInteger K = Number(SHA256.HashData([.. Pad(N), .. Pad(G)]));

    /// <summary>The verifier v = g^x mod N of a password, to be sealed and stored beside its salt.</summary>
    /// <param name="group">What stands before the name in the hash: <see cref="PoolName"/>, or a device's group key.</param>
    /// <param name="name">The internal user name (USER_ID_FOR_SRP), or the device's key.</param>
    /// <param name="password">The password, as its UTF-8 bytes: never normalized, since clients hash it raw.</param>
    /// <param name="salt">The salt as an unsigned big-endian number.</param>
    public static byte[] Verifier(string group, string name, string password, ReadOnlySpan<byte> salt)
    {
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{group}{name}:{password}"));
        var x = Number(SHA256.HashData([.. Pad(Number(salt)), .. identity]));
        return BigInteger.ModPow(G, x, N).ToByteArray(isUnsigned: true, isBigEndian: true);
    }

    /// <summary>Reads a client's public value; false if it is no hex number, or one with A mod N = 0, which would make the key known (RFC 5054 §2.5.4).</summary>
    public static bool TryReadPublic(string hex, out BigInteger a)
    {
        a = default;
        return hex.Length is > 0 and <= 1024 && hex.All(char.IsAsciiHexDigit)
            && BigInteger.TryParse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out a) && a % N != 0;
    }

    /// <summary>The server's half of an exchange: a fresh b and B = k·v + g^b. Takes some milliseconds.</summary>
    public static SrpExchange Begin(BigInteger a, ReadOnlySpan<byte> verifier)
    {
        while (true)
        {
            var b = Number(RandomNumberGenerator.GetBytes(64));
            var publicB = (K * Number(verifier) + BigInteger.ModPow(G, b, N)) % N;
            if (Admits(publicB, Scramble(a, publicB))) return new(Hex(a), Hex(publicB), Hex(b));
        }
    }

    /// <summary>Whether an exchange may go on with these values: neither B nor u may be zero (RFC 5054 §2.5.3, §2.6), or v would not matter.</summary>
    public static bool Admits(BigInteger b, BigInteger u) => b % N != 0 && u != 0;

    /// <summary>Whether a client's signature shows that it knows the password. Takes some milliseconds.</summary>
    /// <param name="exchange">The exchange, as <see cref="Begin"/> made it.</param>
    /// <param name="verifier">The verifier that it was made with.</param>
    /// <param name="group">As in <see cref="Verifier"/>.</param>
    /// <param name="name">As in <see cref="Verifier"/>.</param>
    /// <param name="claim">What the client signed, and its signature.</param>
    public static bool Verify(SrpExchange exchange, ReadOnlySpan<byte> verifier, string group, string name, SrpClaim claim)
    {
        var (a, publicB, b) = (Read(exchange.A), Read(exchange.B), Read(exchange.Secret));
        var u = Scramble(a, publicB);
        var shared = BigInteger.ModPow(a * BigInteger.ModPow(Number(verifier), u, N), b, N);
        var key = HKDF.Expand(HashAlgorithmName.SHA256, HKDF.Extract(HashAlgorithmName.SHA256, Pad(shared), Pad(u)), 16, "Caldera Derived Key"u8.ToArray());
        byte[] message = [.. Encoding.UTF8.GetBytes(group + name), .. claim.SecretBlock, .. Encoding.UTF8.GetBytes(claim.Timestamp)];
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, message), claim.Signature);
    }

    /// <summary>The part of a pool id that clients put into the hash.</summary>
    public static string PoolName(string poolId) => poolId[(poolId.IndexOf('_', StringComparison.Ordinal) + 1)..];

    /// <summary>A number as it goes over the wire: lower-case hex without forced leading zeros.</summary>
    public static string Hex(BigInteger number)
    {
        var hex = Convert.ToHexStringLower(number.ToByteArray(isUnsigned: true, isBigEndian: true)).TrimStart('0');
        return hex.Length == 0 ? "0" : hex;
    }

    /// <summary>The shortest big-endian two's-complement bytes of a non-negative number: a zero byte goes before a set top bit.</summary>
    public static byte[] Pad(BigInteger number) => number.ToByteArray(isUnsigned: false, isBigEndian: true);

    /// <summary>Bytes as an unsigned big-endian number.</summary>
    public static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    // u = H(PAD(A) ‖ PAD(B))
    static BigInteger Scramble(BigInteger a, BigInteger b) => Number(SHA256.HashData([.. Pad(a), .. Pad(b)]));

    static BigInteger Read(string hex) => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

/// <summary>One SRP exchange as the server keeps it between its two halves; numbers in hex.</summary>
/// <param name="A">The client's public value.</param>
/// <param name="B">The server's public value.</param>
/// <param name="Secret">The server's ephemeral secret b.</param>
public sealed record SrpExchange(string A, string B, string Secret);

/// <summary>What a client shows in the second half of an SRP exchange.</summary>
/// <param name="SecretBlock">The block that the server gave.</param>
/// <param name="Timestamp">The client's own, as text: it enters the signature and nothing else.</param>
/// <param name="Signature">HMAC-SHA256 under the exchanged key.</param>
public sealed record SrpClaim(byte[] SecretBlock, string Timestamp, byte[] Signature);
