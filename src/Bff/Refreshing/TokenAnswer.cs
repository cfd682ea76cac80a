using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Refreshing;

/// <summary>What a session has to give at this moment: an access token, or why there is none.</summary>
/// <param name="Access">An access token that is good; null without one.</param>
/// <param name="ExpiresAt">When it ends, unix ms.</param>
/// <param name="Ended">Whether the session is over; without a token and this false, the provider is away.</param>
/// <param name="Reason">Why the session is over, where that is known.</param>
/// <param name="RetryAfter">When to ask again, if the provider is away.</param>
readonly record struct TokenAnswer(string? Access, long ExpiresAt, bool Ended, EndReason? Reason, TimeSpan RetryAfter)
{
    public static TokenAnswer Of(SessionTokens tokens) => new(tokens.Access, tokens.ExpiresAt, false, null, default);

    public static TokenAnswer Over(EndReason? reason) => new(null, 0, true, reason, default);

    public static TokenAnswer Away(TimeSpan retryAfter) => new(null, 0, false, null, retryAfter);
}
