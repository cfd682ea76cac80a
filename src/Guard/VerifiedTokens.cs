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
    Memory memory = new(Math.Max(1, most / 2));

    /// <summary>
    /// The memory as it is now. Who verifies a token takes it first and adds to it afterwards: if everything was forgotten in between, because the
    /// key was withdrawn, nobody finds the token.
    /// </summary>
    public Memory Now => Volatile.Read(ref memory);

    /// <summary>How many there are.</summary>
    public int Count => Now.Count;

    /// <summary>Two generations, and where the next ones begin when the younger is full.</summary>
    public sealed class Memory(int half)
    {
        Pair pair = new(new(), new());

        sealed record Pair(Generation Young, Generation Old);

        sealed class Generation : ConcurrentDictionary<TokenHash, VerifiedToken>
        {
            public int Added;
        }

        public int Count => Volatile.Read(ref pair) is var (young, old) ? young.Count + old.Count : 0;

        public VerifiedToken? Find(in TokenHash hash)
        {
            var now = Volatile.Read(ref pair);
            if (now.Young.TryGetValue(hash, out var token)) return token;
            if (now.Old.TryGetValue(hash, out token)) Add(hash, token);
            return token;
        }

        public void Add(in TokenHash hash, VerifiedToken token)
        {
            var now = Volatile.Read(ref pair);
            if (!now.Young.TryAdd(hash, token) || Interlocked.Increment(ref now.Young.Added) < half) return;
            // Of several that find it full one makes room.
            Interlocked.CompareExchange(ref pair, new(new(), now.Young), now);
        }
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

    public VerifiedToken? Find(in TokenHash hash) => most == 0 ? null : Now.Find(hash);

    /// <summary>Forgets all: a key was withdrawn, and nobody remembers who was verified by it.</summary>
    public void Clear() => Volatile.Write(ref memory, new(Math.Max(1, most / 2)));
}

/// <summary>The SHA-256 of a token.</summary>
readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public override int GetHashCode() => (int)A;
}
