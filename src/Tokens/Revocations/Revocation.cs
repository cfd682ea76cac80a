using System.Buffers;
using System.Globalization;

namespace Poolhouse.Tokens.Revocations;

/// <summary>What an entry of the revocation feed is about. The numbers are those of the database and of the snapshot.</summary>
public enum RevocationKind
{
    /// <summary>One session, by its id: the <c>origin_jti</c>, else the <c>event_id</c> of its tokens.</summary>
    Session = 1,

    /// <summary>A deleted client, by its id: none of its tokens is good any more.</summary>
    Client = 2,

    /// <summary>A deleted pool, by its id.</summary>
    Pool = 3,
}

/// <summary>One entry of the revocation feed. Entries are facts that are only added: order and repetition change nothing.</summary>
/// <param name="Seq">Its place in the pool's sequence, from 1, without gaps.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Value">Which: a session id (a UUID), a client id or a pool id.</param>
/// <param name="KeepUntil">Unix seconds; after this no token that it concerns is in time, and it may be forgotten.</param>
public readonly record struct Revocation(long Seq, RevocationKind Kind, string Value, long KeepUntil);

/// <summary>
/// A place in a pool's feed, <c>epoch:seq</c>. The epoch is 32 lower-case hexadecimal digits and changes when the server can
/// no longer vouch for its own past: a restored backup, a new start on SQLite.
/// </summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Seq">The last entry that was seen; 0 before the first.</param>
public readonly record struct FeedPosition(string Epoch, long Seq)
{
    const int EpochLength = 32;
    static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Reads a position; false for anything of another form.</summary>
    public static bool TryParse(string? text, out FeedPosition position)
    {
        position = default;
        if (text is null || text.Length is < EpochLength + 2 or > EpochLength + 20 || text[EpochLength] != ':') return false;
        if (text.AsSpan(0, EpochLength).ContainsAnyExcept(LowerHex)) return false;
        if (!long.TryParse(text.AsSpan(EpochLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return false;
        position = new(text[..EpochLength], seq);
        return true;
    }

    /// <summary>The form on the wire.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
}
