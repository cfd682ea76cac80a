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

    /// <summary>The verifier v = g^x mod N of a password, to be sealed and stored beside its salt.</summary>
    /// <param name="poolId">The whole pool id; the part after the underscore enters the hash.</param>
    /// <param name="username">The internal user name (USER_ID_FOR_SRP).</param>
    /// <param name="password">The password, as its UTF-8 bytes: never normalized, since clients hash it raw.</param>
    /// <param name="salt">The salt as an unsigned big-endian number.</param>
    public static byte[] Verifier(string poolId, string username, string password, ReadOnlySpan<byte> salt)
    {
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{PoolName(poolId)}{username}:{password}"));
        byte[] message = [.. Pad(new BigInteger(salt, isUnsigned: true, isBigEndian: true)), .. identity];
        var x = new BigInteger(SHA256.HashData(message), isUnsigned: true, isBigEndian: true);
        return BigInteger.ModPow(G, x, N).ToByteArray(isUnsigned: true, isBigEndian: true);
    }

    /// <summary>The part of a pool id that clients put into the hash.</summary>
    public static string PoolName(string poolId) => poolId[(poolId.IndexOf('_', StringComparison.Ordinal) + 1)..];

    /// <summary>The shortest big-endian two's-complement bytes of a non-negative number: a zero byte goes before a set top bit.</summary>
    public static byte[] Pad(BigInteger number) => number.ToByteArray(isUnsigned: false, isBigEndian: true);
}
