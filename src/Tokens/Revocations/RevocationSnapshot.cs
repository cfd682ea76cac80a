using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Poolhouse.Tokens.Revocations;

/// <summary>
/// The binary form of everything in a pool's feed: 21 bytes for a revoked session. All numbers are big-endian.
/// Header: <c>PHRS</c>, version (1), epoch (16), head (8), server time in unix milliseconds (8). Then entries:
/// kind (1) ‖ session id (16) ‖ keep-until in unix seconds (4), where for clients and pools a length (1) and that many bytes of
/// UTF-8 stand in the place of the session id. At the end a 0 and the number of entries (8), so that a snapshot that was cut off
/// is never taken for a whole one.
/// </summary>
public static class RevocationSnapshot
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.poolhouse.revocations";

    /// <summary>The length of the header in bytes.</summary>
    public const int HeaderLength = 4 + 1 + 16 + 8 + 8;

    const byte Version = 1;
    const byte End = 0;
    static ReadOnlySpan<byte> Magic => "PHRS"u8;

    /// <summary>Writes the header.</summary>
    public static void WriteHeader(IBufferWriter<byte> to, FeedPosition head, long time)
    {
        var span = to.GetSpan(HeaderLength);
        Magic.CopyTo(span);
        span[4] = Version;
        Convert.FromHexString(head.Epoch, span[5..21], out _, out _);
        BinaryPrimitives.WriteInt64BigEndian(span[21..], head.Seq);
        BinaryPrimitives.WriteInt64BigEndian(span[29..], time);
        to.Advance(HeaderLength);
    }

    /// <summary>Writes one entry.</summary>
    public static void WriteEntry(IBufferWriter<byte> to, Revocation entry)
    {
        var span = to.GetSpan(1 + 1 + 255 + 4);
        span[0] = (byte)entry.Kind;
        var length = 1;
        if (entry.Kind == RevocationKind.Session)
        {
            Guid.ParseExact(entry.Value, "D").TryWriteBytes(span[1..], bigEndian: true, out var written);
            length += written;
        }
        else
        {
            var written = Encoding.UTF8.GetBytes(entry.Value, span.Slice(2, 255));
            span[1] = (byte)written;
            length += 1 + written;
        }
        BinaryPrimitives.WriteUInt32BigEndian(span[length..], (uint)entry.KeepUntil);
        to.Advance(length + 4);
    }

    /// <summary>Writes the end.</summary>
    public static void WriteEnd(IBufferWriter<byte> to, long entries)
    {
        var span = to.GetSpan(9);
        span[0] = End;
        BinaryPrimitives.WriteInt64BigEndian(span[1..], entries);
        to.Advance(9);
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="InvalidDataException">It is not the header of a snapshot of this version.</exception>
    public static (FeedPosition Head, long Time) ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != HeaderLength || !header[..4].SequenceEqual(Magic) || header[4] != Version)
            throw new InvalidDataException("This is no revocation snapshot of a version that is known here.");
        return (new(Convert.ToHexStringLower(header[5..21]), BinaryPrimitives.ReadInt64BigEndian(header[21..])), BinaryPrimitives.ReadInt64BigEndian(header[29..]));
    }

    /// <summary>Reads the entries of a snapshot whose header has been read; they are of no use before the last has come.</summary>
    /// <exception cref="InvalidDataException">It is cut off or damaged.</exception>
    public static async Task ReadEntries(Stream from, Action<RevocationKind, Guid, string?, long> entry, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        int start = 0, filled = 0;
        for (long count = 0; ; )
        {
            var taken = Take(buffer.AsSpan(start, filled - start), ref count, entry, out var ended);
            if (ended) return;
            start += taken;
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            (filled, start) = (filled - start, 0);
            var read = await from.ReadAsync(buffer.AsMemory(filled), cancel);
            if (read == 0) throw new InvalidDataException("The revocation snapshot is cut off.");
            filled += read;
        }
    }

    // Entries that are whole in the buffer; how many bytes they take.
    static int Take(ReadOnlySpan<byte> from, ref long count, Action<RevocationKind, Guid, string?, long> entry, out bool ended)
    {
        ended = false;
        for (var at = 0; ; count++)
        {
            var rest = from[at..];
            if (rest.IsEmpty) return at;
            if (rest[0] == End)
            {
                if (rest.Length < 9) return at;
                if (BinaryPrimitives.ReadInt64BigEndian(rest[1..]) != count) throw new InvalidDataException("The revocation snapshot has lost entries.");
                ended = true;
                return at + 9;
            }
            var kind = (RevocationKind)rest[0];
            if (kind is not (RevocationKind.Session or RevocationKind.Client or RevocationKind.Pool)) throw new InvalidDataException("The revocation snapshot is damaged.");
            if (rest.Length < 2) return at;
            var value = kind == RevocationKind.Session ? 16 : 1 + rest[1];
            if (rest.Length < 1 + value + 4) return at;
            var keepUntil = BinaryPrimitives.ReadUInt32BigEndian(rest[(1 + value)..]);
            if (kind == RevocationKind.Session) entry(kind, new Guid(rest.Slice(1, 16), bigEndian: true), null, keepUntil);
            else entry(kind, default, Encoding.UTF8.GetString(rest.Slice(2, value - 1)), keepUntil);
            at += 1 + value + 4;
        }
    }
}
