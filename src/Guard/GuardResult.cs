namespace Poolhouse.Guard;

/// <summary>Why a token was refused.</summary>
public enum GuardRefusal
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>There is no token. 401.</summary>
    TokenMissing,

    /// <summary>Not a JWT of the form that is taken: too long (8 KB), JSON that is nested too deep or names a member twice, a missing or strange <c>kid</c>, a <c>crit</c>. 401.</summary>
    Malformed,

    /// <summary>No key of the issuer has this <c>kid</c>. 401.</summary>
    UnknownKey,

    /// <summary>The header's <c>alg</c> is not the algorithm of the key: <c>none</c>, HS256 with a public key. 401.</summary>
    WrongAlgorithm,

    /// <summary>The signature is not the key's. 401.</summary>
    WrongSignature,

    /// <summary>Another issuer: another pool, another region, the other form of Amazon's issuer. 401.</summary>
    WrongIssuer,

    /// <summary>Not the kind of token that is taken (<c>token_use</c>): an ID token, a logout token. 401.</summary>
    WrongTokenUse,

    /// <summary>Made for another app client. 401.</summary>
    WrongClient,

    /// <summary>Past its <c>exp</c>, or without one. 401.</summary>
    Expired,

    /// <summary>Before its <c>nbf</c>. 401.</summary>
    NotYetValid,

    /// <summary>Its session was revoked, its app client or its pool deleted; or the issuer says that it is not active. 401.</summary>
    Revoked,

    /// <summary>A scope that the call needs is missing. 403.</summary>
    ScopeMissing,

    /// <summary>The user is in none of the groups that the call needs. 403.</summary>
    GroupMissing,

    /// <summary>The issuer's keys have not been had yet. 503: the caller keeps its session and tries again.</summary>
    KeysUnavailable,

    /// <summary>Nobody can say whether the session was revoked: the guard is blind, and introspection has no answer. 503: the caller keeps its session and tries again.</summary>
    RevocationUnknown,
}

/// <summary>How well a guard knows what has been revoked.</summary>
public enum RevocationState
{
    /// <summary>Revocations are not looked at (<see cref="RevocationSource.None"/>).</summary>
    Unchecked,

    /// <summary>Everything up to <see cref="CognitoGuardOptions.FreshFor"/> ago is known.</summary>
    Fresh,

    /// <summary>The connection to the feed is lost; what is known is at most <see cref="CognitoGuardOptions.StaleFor"/> old.</summary>
    Stale,

    /// <summary>What is known is older than that.</summary>
    Blind,
}

/// <summary>What a guard says of a token.</summary>
/// <param name="Refusal">Why not, or <see cref="GuardRefusal.None"/>.</param>
/// <param name="Token">The token, if its signature, issuer, kind and client are good; also when it is refused for what comes after that.</param>
/// <param name="State">How well the guard knew what has been revoked.</param>
/// <param name="Lag">How old that knowledge was; null if there is none.</param>
public readonly record struct GuardResult(GuardRefusal Refusal, VerifiedToken? Token, RevocationState State, TimeSpan? Lag)
{
    /// <summary>Whether the call may go on.</summary>
    public bool Accepted => Refusal == GuardRefusal.None;

    /// <summary>
    /// The HTTP status: 200, 401 (come with another token), 403 (this token is not enough) or 503 (the same call may pass later).
    /// A 503 must not end a session.
    /// </summary>
    public int StatusCode => Refusal switch
    {
        GuardRefusal.None => 200,
        GuardRefusal.ScopeMissing or GuardRefusal.GroupMissing => 403,
        GuardRefusal.KeysUnavailable or GuardRefusal.RevocationUnknown => 503,
        _ => 401,
    };
}

/// <summary>What a call needs beyond a good token.</summary>
public sealed record GuardDemand
{
    /// <summary>A good token and nothing more.</summary>
    public static readonly GuardDemand Nothing = new();

    /// <summary>Scopes that the token must all have.</summary>
    public IReadOnlyCollection<string> Scopes { get; init; } = [];

    /// <summary>Groups of which the user must be in one (<c>cognito:groups</c>).</summary>
    public IReadOnlyCollection<string> Groups { get; init; } = [];

    /// <summary>A call that must not be made with a revoked token even for seconds: a stale guard introspects, and <see cref="CognitoGuardOptions.CriticalStaleFor"/> is the bound.</summary>
    public bool Critical { get; init; }

    /// <summary>A bound for this call in place of <see cref="CognitoGuardOptions.StaleFor"/>; null for the guard's own.</summary>
    public TimeSpan? StaleFor { get; init; }

    /// <summary>
    /// Lets a call pass though nobody can say whether the session was revoked: for what must stay up at any price. The text says why and is
    /// logged with each use. Null: such a call is refused with 503.
    /// </summary>
    public string? PassWhenBlind { get; init; }
}
