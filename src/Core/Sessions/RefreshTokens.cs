using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Poolhouse.Core.Keys;

namespace Poolhouse.Core.Sessions;

/// <summary>What a refresh token says, before its MAC was checked.</summary>
/// <param name="KeyId">The key its MAC was made with.</param>
/// <param name="Family">The session it belongs to.</param>
/// <param name="Generation">Its place in the chain of rotations.</param>
/// <param name="Body">Everything that stands before the MAC.</param>
/// <param name="Mac">The MAC it came with.</param>
public sealed record PresentedRefreshToken(long KeyId, string Family, long Generation, byte[] Body, byte[] Mac);

/// <summary>
/// Refresh tokens are derived, not stored: version (1) ‖ key id (2) ‖ family (16) ‖ generation (4) ‖ HMAC-SHA256 (32), base64url.
/// A successor that was lost in a crash or on the wire can so be made again, the same to the byte, and a copy of the
/// database holds nothing that could be replayed.
/// </summary>
public sealed class RefreshTokens(MasterKey master)
{
    const byte Version = 1;
    const int BodyLength = 1 + 2 + 16 + 4;
    const int MacLength = 32;

    /// <summary>The token of one generation of a session.</summary>
    public string Derive(Session session, long generation)
    {
        Span<byte> token = stackalloc byte[BodyLength + MacLength];
        token[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(token[1..], (ushort)session.KeyId);
        Guid.ParseExact(session.Id, "D").TryWriteBytes(token[3..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(token[19..], (uint)generation);
        Mac(session.KeyId, token[..BodyLength], session.Salt, token[BodyLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Reads the form of a token; false if it has not our form. Nothing is proven until <see cref="IsGenuine"/>.</summary>
    public static bool TryRead(string? text, out PresentedRefreshToken presented)
    {
        presented = null!;
        Span<byte> token = stackalloc byte[BodyLength + MacLength];
        if (text is null || text.Length != Base64Url.GetEncodedLength(token.Length)) return false;
        // Of the ways to decode this is the one that answers a foreign character, too, without throwing.
        if (Base64Url.DecodeFromChars(text, token, out _, out var length) != OperationStatus.Done || length != token.Length || token[0] != Version) return false;
        // Several texts decode to the same bytes: only the one that we would write is a token.
        if (!Base64Url.EncodeToString(token).Equals(text, StringComparison.Ordinal)) return false;
        presented = new(
            BinaryPrimitives.ReadUInt16BigEndian(token[1..]),
            new Guid(token.Slice(3, 16), bigEndian: true).ToString("D"),
            BinaryPrimitives.ReadUInt32BigEndian(token[19..]),
            token[..BodyLength].ToArray(),
            token[BodyLength..].ToArray());
        return true;
    }

    /// <summary>Whether the MAC is ours, in fixed time; without a session (an unknown family) the same work is done and the answer is no.</summary>
    public bool IsGenuine(PresentedRefreshToken presented, Session? session)
    {
        Span<byte> expected = stackalloc byte[MacLength];
        Mac(presented.KeyId, presented.Body, session?.Salt ?? NoSalt, expected);
        return CryptographicOperations.FixedTimeEquals(expected, presented.Mac) && session is not null;
    }

    static readonly byte[] NoSalt = new byte[16];

    void Mac(long keyId, ReadOnlySpan<byte> body, ReadOnlySpan<byte> salt, Span<byte> mac)
    {
        Span<byte> message = stackalloc byte[BodyLength + 16];
        body.CopyTo(message);
        salt.CopyTo(message[BodyLength..]);
        HMACSHA256.HashData(master.Derive($"refresh-token/{keyId}"), message, mac);
    }
}
