using Poolhouse.Core;
using Poolhouse.Core.Sessions;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// The events that answer "why was this user signed out": every start and end of a session and every refused token, with
/// its reason. Nothing here can carry a secret: only ids and reasons go in.
/// </summary>
public sealed partial class Audit(ILogger<Audit> log)
{
    public void SessionStarted(Session session) => Started(session.Id, session.PoolId, session.ClientId, session.UserSub, session.Birth);

    public void SessionEnded(Session session, SessionEnd reason) => Ended(session.Id, session.PoolId, session.ClientId, session.UserSub, reason);

    public void UserSessionsEnded(string pool, string user, int count, SessionEnd reason) => EndedAll(count, pool, user, reason);

    public void AllSessionsEnded(string pool, string? client, SessionEnd reason) => EndedEverything(pool, client ?? "all", reason);

    public void RefreshRefused(Refusal reason, string client, Session? session) =>
        NotRefreshed(session?.Id ?? "unknown", client, reason, session?.EndReason?.ToString() ?? "not ended");

    public void GraceReplay(Session session) => Replayed(session.Id, session.ClientId);

    public void GenerationAhead(Session session) => Ahead(session.Id, session.ClientId);

    public void SignInRefused(Refusal reason, string pool, string client, string? user) => NotSignedIn(user ?? "unknown", pool, client, reason);

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
}
