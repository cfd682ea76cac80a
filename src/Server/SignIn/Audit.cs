using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.Http;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// Tells of every decision about tokens and sessions in three ways: a line of the log, a count of the metrics, an event of the audit trail,
/// which answers "why was this user signed out". Beginnings and ends of sessions are recorded by the transaction that makes them
/// (<see cref="SessionStore"/>). Nothing here can carry a secret: only ids and reasons go in.
/// </summary>
public sealed partial class Audit(AuditBuffer trail, Telemetry telemetry, Database database, ILogger<Audit> log)
{
    const string Refresh = "refresh_token";

    public void SessionStarted(Session session)
    {
        Started(session.Id, session.PoolId, session.ClientId, session.UserSub, session.Birth);
        telemetry.Issued(session.Birth == Birth.Api ? "sign_in" : "authorization_code", session.ClientId);
        telemetry.SignedIn(AuditEvent.Ok);
    }

    public void Refreshed(Session session, bool rotated)
    {
        telemetry.Issued(Refresh, session.ClientId);
        telemetry.Refreshed(rotated ? "rotated" : "plain");
        trail.Add(Of(session, AuditKind.Refreshed));
    }

    public void GraceReplay(Session session)
    {
        Replayed(session.Id, session.ClientId);
        telemetry.Issued(Refresh, session.ClientId);
        telemetry.Refreshed("repeated");
        trail.Add(Of(session, AuditKind.RefreshRepeated));
    }

    public void RefreshRefused(Refusal reason, AppClient client, Session? session)
    {
        NotRefreshed(session?.Id ?? "unknown", client.Id, reason, session?.EndReason?.ToString() ?? "not ended");
        telemetry.Refused(Refresh, reason.ToString());
        trail.Add(new(AuditKind.RefreshRefused, reason.ToString(), client.PoolId, client.Id, session?.UserSub, session?.Id));
    }

    public void GenerationAhead(Session session) => Ahead(session.Id, session.ClientId);

    public void SessionEnded(Session session, SessionEnd reason)
    {
        Ended(session.Id, session.PoolId, session.ClientId, session.UserSub, reason);
        telemetry.Ended(reason.ToString(), 1);
        if (reason == SessionEnd.RefreshTokenReused) telemetry.Refreshed("reused");
    }

    public void UserSessionsEnded(string pool, string user, int count, SessionEnd reason)
    {
        EndedAll(count, pool, user, reason);
        telemetry.Ended(reason.ToString(), count);
    }

    public void AllSessionsEnded(string pool, string? client, SessionEnd reason) => EndedEverything(pool, client ?? "all", reason);

    public void SignInRefused(Refusal reason, string pool, string client, string? user)
    {
        NotSignedIn(user ?? "unknown", pool, client, reason);
        telemetry.SignedIn(reason.ToString());
        trail.Add(new(AuditKind.SignInRefused, reason.ToString(), pool, client, user));
    }

    public void MachineToken(AppClient client)
    {
        telemetry.Issued("client_credentials", client.Id);
        trail.Add(new(AuditKind.MachineToken, AuditEvent.Ok, client.PoolId, client.Id));
    }

    public void TokenRefused(string grant, string error, AppClient? client)
    {
        telemetry.Refused(grant, error);
        trail.Add(new(AuditKind.TokenRefused, error, client?.PoolId, client?.Id, Subject: grant));
    }

    /// <summary>An operation that changes something. What an administrator did is on disk before the reply goes out.</summary>
    public async Task Acted(AuditEvent done, bool byAdmin)
    {
        if (!byAdmin)
        {
            // A user's own call: who acts is whom it is about.
            trail.Add(done with { User = Cause.Current?.Actor });
            return;
        }
        try
        {
            await database.Write(tx => AuditTrail.Append(tx, done));
        }
        catch (StorageException fault)
        {
            // It is done: to say that it failed would be wrong, and have it done twice.
            NotRecorded(fault, done.Subject, done.Pool, done.Outcome);
        }
    }

    static AuditEvent Of(Session session, AuditKind kind) => new(kind, AuditEvent.Ok, session.PoolId, session.ClientId, session.UserSub, session.Id);

    [LoggerMessage(1001, LogLevel.Information, "Session {Session} started: pool {Pool}, client {Client}, user {User}, born {Birth}")]
    partial void Started(string session, string pool, string client, string user, Birth birth);

    [LoggerMessage(1002, LogLevel.Information, "Session {Session} ended: pool {Pool}, client {Client}, user {User}, reason {Reason}")]
    partial void Ended(string session, string pool, string client, string user, SessionEnd reason);

    [LoggerMessage(1003, LogLevel.Information, "{Count} sessions ended: pool {Pool}, user {User}, reason {Reason}")]
    partial void EndedAll(int count, string pool, string user, SessionEnd reason);

    [LoggerMessage(1008, LogLevel.Information, "All sessions of a client ended: pool {Pool}, client {Client}, reason {Reason}")]
    partial void EndedEverything(string pool, string client, SessionEnd reason);

    [LoggerMessage(1004, LogLevel.Information, "Refresh refused: session {Session}, client {Client}, reason {Reason}; the session's end: {End}")]
    partial void NotRefreshed(string session, string client, Refusal reason, string end);

    [LoggerMessage(1005, LogLevel.Information, "Refresh repeated within its grace: session {Session}, client {Client}")]
    partial void Replayed(string session, string client);

    [LoggerMessage(1006, LogLevel.Warning, "Session {Session} of client {Client} was shown a refresh token from its own future: was this database restored from a backup?")]
    partial void Ahead(string session, string client);

    [LoggerMessage(1007, LogLevel.Information, "Sign-in refused: user {User}, pool {Pool}, client {Client}, reason {Reason}")]
    partial void NotSignedIn(string user, string pool, string client, Refusal reason);

    [LoggerMessage(1013, LogLevel.Error, "An operation was done and is missing in the audit trail: {Operation}, pool {Pool}, outcome {Outcome}")]
    partial void NotRecorded(Exception fault, string? operation, string? pool, string outcome);
}
