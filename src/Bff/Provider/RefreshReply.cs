using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Provider;

/// <summary>What came of presenting a refresh token: one of the three kinds below.</summary>
abstract record RefreshReply;

/// <summary>New tokens.</summary>
/// <param name="Access">The access token.</param>
/// <param name="Refresh">The new refresh token; null where the old one goes on.</param>
/// <param name="Id">A new ID token, or null.</param>
/// <param name="ExpiresIn">Seconds that the access token lives.</param>
sealed record Granted(string Access, string? Refresh, string? Id, long ExpiresIn) : RefreshReply
{
    /// <summary>Without the tokens, in case it is ever printed.</summary>
    public override string ToString() => $"granted for {ExpiresIn} s";
}

/// <summary>A definite invalid_grant (RFC 6749 §5.2): the only answer that ends a session.</summary>
sealed record Refused(EndReason Reason, string Detail) : RefreshReply;

/// <summary>No answer, or one that says nothing of the session: outage, overload, a client that is set up wrong.</summary>
sealed record Away(TimeSpan RetryAfter, string Why) : RefreshReply;
