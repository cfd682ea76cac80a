using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff;

/// <summary>
/// What the Bff tells: log events 6001 to 6016 and the meter <c>Poolhouse.Bff</c> (docs/guide/bff.md lists both). No token and no handle is ever in it; a session
/// goes by its id, which is a hash.
/// </summary>
sealed partial class BffTelemetry : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Poolhouse.Bff";

    readonly Meter meter;
    readonly Counter<long> started;
    readonly Counter<long> ended;
    readonly Counter<long> refreshes;
    readonly Counter<long> takenOver;
    readonly Counter<long> refused;
    readonly ILogger log;

    public BffTelemetry(ILogger<BffTelemetry> log)
    {
        this.log = log;
        meter = new(MeterName);
        started = meter.CreateCounter<long>("poolhouse.bff.sessions.started", "{session}", "Sessions begun.");
        ended = meter.CreateCounter<long>("poolhouse.bff.sessions.ended", "{session}", "Sessions ended, by reason.");
        refreshes = meter.CreateCounter<long>("poolhouse.bff.refreshes", "{refresh}", "Times the provider was asked for new tokens, by outcome.");
        takenOver = meter.CreateCounter<long>("poolhouse.bff.refreshes.taken_over", "{refresh}", "Refreshes that another node had begun and not ended.");
        refused = meter.CreateCounter<long>("poolhouse.bff.calls.refused", "{call}", "Calls refused as forged by another site.");
    }

    public void Started(string session, SessionState state)
    {
        started.Add(1);
        LogStarted(session, state.Subject, state.ProviderSession);
    }

    public void Ended(string session, string user, EndReason reason, string detail)
    {
        ended.Add(1, new KeyValuePair<string, object?>("reason", reason.Wire()));
        LogEnded(session, user, reason.Wire(), detail);
    }

    public void Refreshed(string session, string outcome)
    {
        refreshes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        LogRefreshed(session, outcome);
    }

    public void TakenOver(string session, RefreshClaim claim)
    {
        takenOver.Add(1);
        LogTakenOver(session, claim.Node, claim.At);
    }

    public void Refused(string path, string why)
    {
        refused.Add(1);
        LogRefused(path, why);
    }

    public void Dispose() => meter.Dispose();

    [LoggerMessage(6001, LogLevel.Information, "Session {Session} of user {User} began; it is {ProviderSession} at the provider")]
    partial void LogStarted(string session, string user, string? providerSession);

    [LoggerMessage(6002, LogLevel.Information, "Session {Session} of user {User} ended: {Reason} ({Detail})")]
    partial void LogEnded(string session, string user, string reason, string detail);

    [LoggerMessage(6003, LogLevel.Debug, "Session {Session} was refreshed: {Outcome}")]
    partial void LogRefreshed(string session, string outcome);

    [LoggerMessage(6004, LogLevel.Warning, "The refresh of session {Session} that node {Node} began at {At} was taken over")]
    partial void LogTakenOver(string session, string node, long at);

    [LoggerMessage(6005, LogLevel.Warning, "The provider cannot refresh session {Session} now, which lives on: {Why}")]
    public partial void ProviderAway(string session, string why);

    [LoggerMessage(6006, LogLevel.Error, "The provider refuses this client, and no session can be refreshed: {Why}")]
    public partial void ClientRefused(string why);

    [LoggerMessage(6007, LogLevel.Warning, "A call of {Path} was refused: {Why}")]
    partial void LogRefused(string path, string why);

    [LoggerMessage(6008, LogLevel.Warning, "Record {Session} cannot be opened: it was sealed under another master key, or changed")]
    public partial void NotOpened(string session);

    [LoggerMessage(6009, LogLevel.Warning, "The new tokens of session {Session} came too late: another node has them, or the session has ended")]
    public partial void CameTooLate(string session);

    [LoggerMessage(6010, LogLevel.Warning, "A sign-in failed")]
    public partial void SignInFailed(Exception? exception);

    [LoggerMessage(6011, LogLevel.Warning, "A refresh token could not be revoked at the provider")]
    public partial void NotRevoked(Exception exception);

    [LoggerMessage(6012, LogLevel.Warning, "A logout token was refused: {Why}")]
    public partial void LogoutTokenRefused(string why);

    [LoggerMessage(6013, LogLevel.Information, "The revocation feed is read from {Position} on")]
    public partial void FeedJoined(string position);

    [LoggerMessage(6014, LogLevel.Warning, "The revocation feed at {Feed} cannot be read and is tried again; a provider other than Poolhouse has none (BffOptions.Provider)")]
    public partial void FeedLost(Exception exception, Uri feed);

    [LoggerMessage(6015, LogLevel.Error, "The session store failed")]
    public partial void StoreFailed(Exception exception);

    [LoggerMessage(6016, LogLevel.Error, "The ID token of a refresh names another user; session {Session} ends")]
    public partial void OtherSubject(string session);
}
