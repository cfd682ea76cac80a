using Microsoft.Extensions.Logging;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard;

/// <summary>
/// What a guard tells. A token is never in it; of one whose signature is good, its session, client and user are, so that "why was this
/// call refused" has an answer.
/// </summary>
sealed partial class GuardLog(ILogger log)
{
    public void Refused(GuardRefusal reason, VerifiedToken? token)
    {
        if (token is null) RefusedUnknown(reason);
        else RefusedKnown(reason, token.SessionId ?? "none", token.ClientId, token.Subject);
    }

    [LoggerMessage(5001, LogLevel.Information, "A token was refused: {Reason}")]
    partial void RefusedUnknown(GuardRefusal reason);

    [LoggerMessage(5002, LogLevel.Information, "A token was refused: {Reason}; session {Session}, client {Client}, user {User}")]
    partial void RefusedKnown(GuardRefusal reason, string session, string client, string user);

    [LoggerMessage(5003, LogLevel.Warning, "A call passed though nobody can say whether session {Session} was revoked, because of: {Why}")]
    public partial void PassedBlind(string? session, string why);

    [LoggerMessage(5004, LogLevel.Information, "{Count} keys were taken from {Address}")]
    public partial void KeysTaken(int count, Uri address);

    [LoggerMessage(5005, LogLevel.Warning, "The key set at {Address} could not be fetched; there is an older one: {Older}")]
    public partial void KeysNotFetched(Exception exception, Uri address, bool older);

    [LoggerMessage(5006, LogLevel.Information, "The revocation feed is read from {Position} on; a snapshot was fetched: {Snapshot}")]
    public partial void FeedJoined(FeedPosition position, bool snapshot);

    [LoggerMessage(5007, LogLevel.Warning, "The revocation feed cannot be read and is tried again; {Known} revocations are known")]
    public partial void FeedLost(Exception exception, int known);

    [LoggerMessage(5008, LogLevel.Warning, "Revocations are now {State}: the last proof is {Lag} old")]
    public partial void StateChanged(RevocationState state, TimeSpan? lag);

    [LoggerMessage(5009, LogLevel.Warning, "Introspection gave no answer")]
    public partial void IntrospectionFailed(Exception exception);

    [LoggerMessage(5010, LogLevel.Warning, "The guard's state could not be kept in {Directory}")]
    public partial void StateNotKept(Exception exception, string directory);

    [LoggerMessage(5011, LogLevel.Warning, "The guard's state in {Directory} could not be read and is left alone")]
    public partial void StateNotRead(Exception exception, string directory);

    [LoggerMessage(5012, LogLevel.Information, "The guard begins with what it kept: {Revocations} revocations, proven {Age} ago")]
    public partial void StateRead(int revocations, TimeSpan age);

    [LoggerMessage(5013, LogLevel.Error, "Whoever follows the end of session {Session} failed at it")]
    public partial void WatcherFailed(Exception exception, string session);

    [LoggerMessage(5014, LogLevel.Warning, "The key set that was kept on disk is of no use")]
    public partial void KeysNotRestored(Exception exception);
}
