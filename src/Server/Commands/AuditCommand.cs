using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse audit`: the audit trail as lines of JSON; works beside a running server.</summary>
static class AuditCommand
{
    const int Page = 1000;

    public static Command Create()
    {
        var config = Host.ConfigOption();
        var pool = new Option<string?>("--pool") { Description = "Events of this user pool.", HelpName = "id" };
        var user = new Option<string?>("--user") { Description = "Events of this user (the sub; a user name needs --pool).", HelpName = "name" };
        var session = new Option<string?>("--session") { Description = "Events of this session (origin_jti, or event_id, of its tokens).", HelpName = "id" };
        var client = new Option<string?>("--client") { Description = "Events of this app client.", HelpName = "id" };
        var kind = new Option<AuditKind?>("--kind") { Description = "Events of this kind.", HelpName = "name" };
        var since = new Option<string?>("--since") { Description = "From this moment on: 2026-11-26T12:00Z, or 30m, 12h, 7d ago.", HelpName = "time" };
        var until = new Option<string?>("--until") { Description = "Before this moment.", HelpName = "time" };
        var command = new Command("audit", "Print the audit trail, one JSON object to a line, oldest first.") { config, pool, user, session, client, kind, since, until };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async (trail, users, now) =>
        {
            var (inPool, named) = (parsed.GetValue(pool), parsed.GetValue(user));
            var filter = new AuditFilter(inPool, named is null ? null : await Sub(users, inPool, named, cancel), parsed.GetValue(session), parsed.GetValue(client),
                parsed.GetValue(kind), Time(parsed.GetValue(since), now), Time(parsed.GetValue(until), now));
            await foreach (var entry in All(trail, filter, cancel)) await Console.Out.WriteLineAsync(Line(entry));
        }, cancel));
        return command;
    }

    /// <summary>Every event that a filter lets through.</summary>
    internal static async IAsyncEnumerable<AuditEntry> All(AuditTrail trail, AuditFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        List<AuditEntry> page;
        string? after = null;
        do
        {
            page = await trail.Read(filter, after, Page, cancel);
            foreach (var entry in page) yield return entry;
            after = page.Count == 0 ? null : page[^1].Id;
        }
        while (page.Count == Page);
    }

    /// <summary>The sub behind a name; what is no user's name is taken for a sub, which outlives the user.</summary>
    internal static async Task<string> Sub(UserStore users, string? pool, string named, CancellationToken cancel) =>
        pool is not null && await users.Find(pool, named, false, cancel) is { } user ? user.Sub : named;

    /// <summary>Runs a command on the data of a server, which may be running.</summary>
    internal static Task<int> Run(FileInfo? config, Func<AuditTrail, UserStore, long, Task> work, CancellationToken cancel) => Host.Beside(
        config, opened => work(new(opened.Database), new(opened.Database), opened.Database.Now), cancel);

    static string Line(AuditEntry entry) => JsonSerializer.Serialize(new AuditLine(
        DateTimeOffset.FromUnixTimeMilliseconds(entry.At), entry.Event.Kind.ToString(), entry.Event.Outcome, entry.Event.Pool, entry.Event.Client, entry.Event.User,
        entry.Event.Session, entry.Event.Subject, entry.Actor, entry.Address, entry.Request, entry.Id), AuditJson.Relaxed.AuditLine);

    static long? Time(string? text, long now)
    {
        if (text is null) return null;
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            TimeSpan? ago = text[^1] switch { 'm' => TimeSpan.FromMinutes(count), 'h' => TimeSpan.FromHours(count), 'd' => TimeSpan.FromDays(count), _ => null };
            if (ago is { } span) return now - (long)span.TotalMilliseconds;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment.ToUnixTimeMilliseconds()
            : throw new InvalidDataException($"'{text}' is no time: 2026-11-26T12:00Z, or 30m, 12h, 7d.");
    }
}

/// <summary>An event as it is exported.</summary>
sealed record AuditLine(
    DateTimeOffset At, string Kind, string Outcome, string? Pool, string? Client, string? User, string? Session, string? Subject, string? Actor, string? Address, string? Request, string Id);

/// <summary>The JSON of the export.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditLine))]
sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>For people and programs that read JSON, not for pages: names stay as they are written.</summary>
    public static readonly AuditJson Relaxed = new(new(JsonSerializerDefaults.Web)
        { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });
}
