using System.CommandLine;
using System.Globalization;
using Poolhouse.Core.Sessions;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse why`: why was this user signed out? Every ended session with the reason, the request that did it, its time and address.</summary>
static class WhyCommand
{
    public static Command Create()
    {
        var config = Host.ConfigOption();
        var pool = new Option<string?>("--pool") { Description = "The user pool, for a user.", HelpName = "id" };
        var who = new Argument<string>("session-or-user") { Description = "A session (origin_jti, or event_id, of its tokens), or with --pool a user name or sub." };
        var command = new Command("why", "Say why a session, or each session of a user, ended.") { config, pool, who };
        command.SetAction((parsed, cancel) => AuditCommand.Run(parsed.GetValue(config), async (trail, users, now) =>
        {
            var (inPool, named) = (parsed.GetValue(pool), parsed.GetValue(who)!);
            var filter = inPool is null ? new AuditFilter(Session: named) : new AuditFilter(inPool, User: await AuditCommand.Sub(users, inPool, named, cancel));
            var events = new List<AuditEntry>();
            await foreach (var entry in AuditCommand.All(trail, filter, cancel)) events.Add(entry);
            var sessions = events.Where(entry => entry.Event.Session is not null).GroupBy(entry => entry.Event.Session!).ToList();
            if (sessions.Count == 0) throw new StorageException(inPool is null ? "The audit trail knows no such session; a user needs --pool." : "The audit trail knows no session of this user.");
            foreach (var session in sessions)
            {
                var mark = await Mark(trail, session.First().Event, cancel);
                foreach (var line in Story(session.Key, [.. session], mark)) await Console.Out.WriteLineAsync(line);
            }
        }, cancel));
        return command;
    }

    // A deleted client or pool takes its sessions along by one event of its own.
    static async Task<AuditEntry?> Mark(AuditTrail trail, AuditEvent of, CancellationToken cancel) =>
        (await trail.Read(new(of.Pool, Client: of.Client, Kind: AuditKind.SessionsEnded), null, 1, cancel)).FirstOrDefault()
        ?? (await trail.Read(new(of.Pool, Kind: AuditKind.SessionsEnded), null, 100, cancel)).FirstOrDefault(entry => entry.Event.Client is null);

    static IEnumerable<string> Story(string id, List<AuditEntry> events, AuditEntry? mark)
    {
        var about = events[0].Event;
        yield return $"Session {id}  (pool {about.Pool}, client {about.Client}, user {about.User})";
        if (events.Find(entry => entry.Event.Kind == AuditKind.SessionStarted) is { } start) yield return $"  started        {When(start)}";
        if (events.FindLast(entry => entry.Event.Kind is AuditKind.Refreshed or AuditKind.RefreshRepeated) is { } refresh) yield return $"  last refreshed {When(refresh)}";
        if ((events.Find(entry => entry.Event.Kind == AuditKind.SessionEnded) ?? mark) is { } end)
        {
            yield return $"  ENDED          {When(end)}";
            yield return $"  because        {end.Event.Outcome}: {Words(end.Event.Outcome)}";
            if (end.Actor is { } actor) yield return $"  by             {actor}";
        }
        foreach (var refused in events.Where(entry => entry.Event.Kind == AuditKind.RefreshRefused).GroupBy(entry => entry.Event.Outcome))
            yield return $"  refused        {refused.Count()} refreshes, {refused.Key}: {Words(refused.Key)}; the first {When(refused.First())}";
        if (events.TrueForAll(entry => entry.Event.Kind is not (AuditKind.SessionEnded or AuditKind.RefreshRefused)) && mark is null) yield return "  It has not ended.";
        yield return "";
    }

    static string When(AuditEntry entry) => string.Create(CultureInfo.InvariantCulture,
        $"{DateTimeOffset.FromUnixTimeMilliseconds(entry.At):yyyy-MM-dd HH:mm:ss.fff}Z  request {entry.Request ?? "-"}  from {entry.Address ?? "the server itself"}");

    static string Words(string reason) => reason switch
    {
        nameof(SessionEnd.Revoked) => "the app, or whoever had the refresh token, revoked it",
        nameof(SessionEnd.SignedOut) => "the user signed out everywhere",
        nameof(SessionEnd.SignedOutByAdmin) => "an administrator signed the user out",
        nameof(SessionEnd.UserDisabled) => "an administrator disabled the user",
        nameof(SessionEnd.UserDeleted) => "the user was deleted",
        nameof(SessionEnd.RefreshTokenReused) => "a refresh token came back after its successor was in use and its grace was over: two holders of one token, or a theft",
        nameof(SessionEnd.CodeReplayed) => "the authorization code of this session was redeemed again, with its verifier",
        nameof(SessionEnd.PasswordChanged) => "the password was changed or reset, and the pool ends sessions then",
        nameof(SessionEnd.ClientDeleted) => "the app client was deleted",
        nameof(SessionEnd.PoolDeleted) => "the user pool was deleted",
        nameof(SessionEnd.DeviceForgotten) => "the device was forgotten",
        nameof(SessionEnd.Restored) => "a backup was restored",
        "RefreshTokenExpired" => "the session came to its planned end (RefreshTokenValidity)",
        "RefreshTokenRevoked" => "the session had ended before",
        "RefreshTokenInvalid" => "not the token that this session expects: another client's, another device's, or of rotation that was switched off",
        _ => "see docs/guide/operations.md",
    };
}
