namespace Poolhouse.Core.Users;

/// <summary>A device from which a user has signed in.</summary>
/// <param name="Key">Its key: region, underscore, UUID.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="UserSub">The user.</param>
/// <param name="GroupKey">The device group's key, which enters the device's SRP hash.</param>
/// <param name="Name">What the app calls it, or null.</param>
/// <param name="Salt">Of its verifier; null until the app has confirmed the device.</param>
/// <param name="Verifier">Its sealed SRP verifier; null until the app has confirmed the device.</param>
/// <param name="Remembered">Whether it may stand in for a second factor.</param>
/// <param name="LastIp">Where it was last seen, or null.</param>
/// <param name="CreatedAt">Unix ms.</param>
/// <param name="ModifiedAt">Unix ms.</param>
/// <param name="AuthenticatedAt">Unix ms.</param>
public sealed record Device(
    string Key, string PoolId, string UserSub, string GroupKey, string? Name, byte[]? Salt, byte[]? Verifier, bool Remembered, string? LastIp,
    long CreatedAt, long ModifiedAt, long AuthenticatedAt)
{
    /// <summary>Whether the app has given a verifier, by which the device can prove itself.</summary>
    public bool Confirmed => Verifier is not null;
}
