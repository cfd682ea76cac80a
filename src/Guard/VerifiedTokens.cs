using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Tokens;

namespace Poolhouse.Guard;

/// <summary>
/// Tokens that have been verified, by the SHA-256 of all of their characters, so that a change of any of them is another token. Bounded:
/// two generations, of which the older goes when the younger is full; what is in use moves to the younger.
/// </summary>
sealed class VerifiedTokens(int most)
{
    readonly int half = Math.Max(1, most / 2);
    Generation young = new();
    Generation old = new();

    sealed class Generation : ConcurrentDictionary<TokenHash, VerifiedToken>
    {
        public int Added;
    }

    /// <summary>The token's hash; false for what is too long or no ASCII, which nobody has verified.</summary>
    public static bool TryHash(string token, out TokenHash hash)
    {
        hash = default;
        if (token.Length > Jwt.MaxLength) return false;
        Span<byte> bytes = stackalloc byte[token.Length];
        if (Ascii.FromUtf16(token, bytes, out _) != System.Buffers.OperationStatus.Done) return false;
        SHA256.HashData(bytes, MemoryMarshal.AsBytes(new Span<TokenHash>(ref hash)));
        return true;
    }

    public VerifiedToken? Find(in TokenHash hash)
    {
        if (young.TryGetValue(hash, out var token)) return token;
        if (!old.TryGetValue(hash, out token)) return null;
        Add(hash, token);
        return token;
    }

    public void Add(in TokenHash hash, VerifiedToken token)
    {
        if (most == 0) return;
        var now = young;
        if (!now.TryAdd(hash, token) || Interlocked.Increment(ref now.Added) < half) return;
        // Of several that find it full one makes room.
        if (Interlocked.CompareExchange(ref young, new(), now) == now) old = now;
    }

    /// <summary>Forgets all: a key was withdrawn, and nobody remembers who was verified by it.</summary>
    public void Clear() => (young, old) = (new(), new());
}

/// <summary>The SHA-256 of a token.</summary>
readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public override int GetHashCode() => (int)A;
}
