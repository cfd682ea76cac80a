namespace Poolhouse.Storage;

/// <summary>How the events of a stream reach their receiver.</summary>
public enum SsfMethod
{
    /// <summary>The transmitter posts them (RFC 8935).</summary>
    Push = 1,

    /// <summary>The receiver fetches them (RFC 8936).</summary>
    Poll = 2,
}

/// <summary>Whether a stream transmits (SSF 1.0 §8.1.2).</summary>
public enum SsfStatus
{
    /// <summary>Events are transmitted.</summary>
    Enabled = 1,

    /// <summary>Events wait in the feed for as long as they count.</summary>
    Paused = 2,

    /// <summary>Events are dropped.</summary>
    Disabled = 3,
}

/// <summary>What the receiver decides about a stream.</summary>
/// <param name="Method">How events reach it.</param>
/// <param name="EndpointUrl">Where events are pushed to; null for polls.</param>
/// <param name="SealedHeader">The Authorization header of pushes, sealed for this stream and URL; or null.</param>
/// <param name="EventsRequested">The event types it asked for, separated by spaces; null when it did not say.</param>
/// <param name="Wants">Whether revocations are among what it gets.</param>
/// <param name="Description">Its own words.</param>
public sealed record SsfSettings(SsfMethod Method, string? EndpointUrl, byte[]? SealedHeader, string? EventsRequested, bool Wants, string? Description);

/// <summary>How pushing goes.</summary>
/// <param name="Failures">Attempts that failed in a row.</param>
/// <param name="FailingSince">Since when, unix ms; null when the last attempt went well.</param>
/// <param name="Trouble">What the last failure was.</param>
/// <param name="Refused">SETs that the receiver has refused for good.</param>
public sealed record SsfHealth(long Failures, long? FailingSince, string? Trouble, long Refused);

/// <summary>A stream of security events from a pool to one receiver.</summary>
/// <param name="Id">A lower-case UUID.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="ClientId">The client that made it; empty where the feed is open to everybody.</param>
/// <param name="Settings">What the receiver decides.</param>
/// <param name="Status">Whether it transmits.</param>
/// <param name="Reason">Why it has this status, or null.</param>
/// <param name="Seq">Up to which entry of the feed everything has been acknowledged.</param>
/// <param name="Lease">Who pushes now, or null.</param>
/// <param name="Health">How pushing goes.</param>
/// <param name="ActiveAt">When the receiver was last heard of, unix ms, to the hour.</param>
public sealed record SsfStream(
    string Id, string PoolId, string ClientId, SsfSettings Settings, SsfStatus Status, string? Reason, long Seq, string? Lease, SsfHealth Health, long ActiveAt);

/// <summary>A verification event that is to be delivered.</summary>
/// <param name="Id">Its jti.</param>
/// <param name="State">What the receiver wants to see again, or null.</param>
/// <param name="CreatedAt">When it was asked for, unix ms.</param>
public sealed record SsfVerification(string Id, string? State, long CreatedAt);
