using System.Globalization;
using System.Text;
using System.Text.Json;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// One event as it goes over the wire, made once for all readers. Frames are a chain that grows at its end: a reader holds the
/// frame it has sent and waits for the next, so that who falls behind is noticed by its number and let go.
/// </summary>
sealed class FeedFrame(long number, FeedPosition position, long proven, ReadOnlyMemory<byte> bytes, Revocation? entry = null)
{
    readonly TaskCompletionSource<FeedFrame?> next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Number { get; } = number;

    /// <summary>Where a reader stands that has sent this frame.</summary>
    public FeedPosition Position { get; } = position;

    /// <summary>The time of the newest heartbeat up to here, or 0.</summary>
    public long Proven { get; } = proven;

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>What it tells, or null for a heartbeat.</summary>
    public Revocation? Entry { get; } = entry;

    /// <summary>The frame after this one, when it comes; null when the feed ends here.</summary>
    public Task<FeedFrame?> Next => next.Task;

    /// <summary>Appends what tells an entry.</summary>
    public FeedFrame Follow(FeedPosition position, Revocation entry) => Follow(new FeedFrame(Number + 1, position, Proven, Revoked(position, entry), entry));

    /// <summary>Appends a heartbeat.</summary>
    public FeedFrame Follow(long time) => Follow(new FeedFrame(Number + 1, Position, time, Heartbeat(Position, time)));

    public void End() => next.TrySetResult(null);

    public static byte[] Revoked(FeedPosition position, Revocation entry) => Encode(position, "revoked", string.Create(CultureInfo.InvariantCulture,
        $$"""{"kind":"{{Name(entry.Kind)}}","value":"{{JsonEncodedText.Encode(entry.Value)}}","keep_until":{{entry.KeepUntil}}}"""));

    /// <summary>Proves that at a moment nothing was missing: the time is that of a commit, and what had been committed before has been sent.</summary>
    public static byte[] Heartbeat(FeedPosition position, long time) => Encode(position, "heartbeat", string.Create(CultureInfo.InvariantCulture,
        $$"""{"head":"{{position}}","time":{{time}}}"""));

    FeedFrame Follow(FeedFrame frame)
    {
        next.SetResult(frame);
        return frame;
    }

    static byte[] Encode(FeedPosition position, string name, string data) => Encoding.UTF8.GetBytes($"id: {position}\nevent: {name}\ndata: {data}\n\n");

    static string Name(RevocationKind kind) => kind switch
    {
        RevocationKind.Client => "client",
        RevocationKind.Pool => "pool",
        _ => "session",
    };
}
