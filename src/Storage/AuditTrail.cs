using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;

namespace Poolhouse.Storage;

/// <summary>What the audit trail tells of.</summary>
public enum AuditKind
{
    /// <summary>A session began: a sign-in was completed and tokens were issued.</summary>
    SessionStarted,

    /// <summary>A session ended; the outcome is why.</summary>
    SessionEnded,

    /// <summary>All sessions of a client or pool ended with it.</summary>
    SessionsEnded,

    /// <summary>A refresh token was redeemed.</summary>
    Refreshed,

    /// <summary>A spent refresh token came back within its grace and got the same successor again.</summary>
    RefreshRepeated,

    /// <summary>A refresh was refused; the outcome is why.</summary>
    RefreshRefused,

    /// <summary>A sign-in was refused; the outcome is why.</summary>
    SignInRefused,

    /// <summary>A machine got a token of its own.</summary>
    MachineToken,

    /// <summary>The token endpoint refused any other grant; the outcome is the error.</summary>
    TokenRefused,

    /// <summary>An operation of the API that changes something; the outcome is the error, if there was one.</summary>
    Operation,
}

/// <summary>One event of the audit trail.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Outcome">How it ended: <c>ok</c>, or why not; of an end, its reason.</param>
/// <param name="Pool">The pool, or null.</param>
/// <param name="Client">The app client, or null.</param>
/// <param name="User">The sub of the user, or null.</param>
/// <param name="Session">The session, or null.</param>
/// <param name="Subject">What an operation was about: its name, and the user, group or client that the call named.</param>
public sealed record AuditEvent(
    AuditKind Kind, string Outcome = AuditEvent.Ok, string? Pool = null, string? Client = null, string? User = null, string? Session = null, string? Subject = null)
{
    /// <summary>The outcome of what went well.</summary>
    public const string Ok = "ok";
}

/// <summary>An event that waits to be kept.</summary>
/// <param name="Event">The event.</param>
/// <param name="At">Unix ms.</param>
/// <param name="Cause">The request that it came of, or null.</param>
public sealed record NotedEvent(AuditEvent Event, long At, Cause? Cause);

/// <summary>An event as it is kept.</summary>
/// <param name="Id">Its id, which orders events by time.</param>
/// <param name="At">Unix ms.</param>
/// <param name="Event">The event.</param>
/// <param name="Actor">Who did it: an access key, the sub of a user, or null where nobody proved who they are.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="Request">The id of the request.</param>
public sealed record AuditEntry(string Id, long At, AuditEvent Event, string? Actor, string? Address, string? Request);

/// <summary>Which events are wanted; what is null does not matter.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="User">The sub of a user.</param>
/// <param name="Session">A session.</param>
/// <param name="Client">An app client.</param>
/// <param name="Kind">A kind of event.</param>
/// <param name="Since">Unix ms; events of that moment too.</param>
/// <param name="Until">Unix ms; events before it.</param>
public sealed record AuditFilter(
    string? Pool = null, string? User = null, string? Session = null, string? Client = null, AuditKind? Kind = null, long? Since = null, long? Until = null);

/// <summary>The audit trail: what was decided about tokens and sessions, and what was changed by whom. No token, code or password is ever in it.</summary>
public sealed class AuditTrail(Database database)
{
    const string Columns = "id, at, kind, outcome, pool_id, client_id, user_sub, session_id, subject, actor, address, request";
    const int LongestText = 256;

    static readonly string[] ColumnNames = Columns.Split(", ");

    const int MostRows = 64;
    static readonly string[][] Names = [.. Enumerable.Range(0, MostRows).Select(row => ColumnNames.Select(name => $"{name}{row}").ToArray())];

    // For any number of events a few texts, which stay prepared.
    static readonly (int Rows, string Text)[] Inserts = [(MostRows, Insert(MostRows)), (16, Insert(16)), (4, Insert(4)), (1, Insert(1))];

    static long lastId;

    /// <summary>Deletes refreshes, which are many, earlier than the rest.</summary>
    /// <param name="keptMs">How long they are kept.</param>
    public static string PurgeRefreshes(long keptMs) =>
        $"delete from audit where id in (select id from audit where kind in ('Refreshed', 'RefreshRepeated') and id < cast(@now - {keptMs} as text) order by id limit @limit)";

    /// <summary>Deletes what is old.</summary>
    /// <param name="keptMs">How long events are kept.</param>
    public static string Purge(long keptMs) => $"delete from audit where id in (select id from audit where id < cast(@now - {keptMs} as text) order by id limit @limit)";

    /// <summary>Records an event in the transaction that it is about.</summary>
    public static Task Append(Tx tx, AuditEvent happened) => AppendAll(tx, [new(happened, tx.Now, tx.Cause)]);

    /// <summary>Records events that happened a moment ago.</summary>
    public static async Task AppendAll(Tx tx, IReadOnlyList<NotedEvent> events)
    {
        var written = 0;
        foreach (var (rows, text) in Inserts)
            for (; rows <= tx.Dialect.MostRows && rows <= events.Count - written; written += rows)
                await tx.Execute(text, Values(events, written, rows));
    }

    /// <summary>Events in the order of time, after a given one.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">The id of the last event that was read, or null to begin.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancel">Cancels the read.</param>
    public Task<List<AuditEntry>> Read(AuditFilter filter, string? after, int limit, CancellationToken cancel)
    {
        var conditions = new List<string> { "id > @after" };
        var values = new List<(string, object?)>
        {
            ("after", Later(after, filter.Since is { } since ? Bound(since) : "")), ("limit", (long)limit),
        };
        void Where(string name, string column, object? value)
        {
            if (value is null) return;
            conditions.Add($"{column} = @{name}");
            values.Add((name, value));
        }
        Where("pool", "pool_id", filter.Pool);
        Where("user", "user_sub", filter.User);
        Where("session", "session_id", filter.Session);
        Where("client", "client_id", filter.Client);
        Where("kind", "kind", filter.Kind?.ToString());
        if (filter.Until is { } until)
        {
            conditions.Add("id < @until");
            values.Add(("until", Bound(until)));
        }
        return database.Many($"select {Columns} from audit where {string.Join(" and ", conditions)} order by id limit @limit", Entry, cancel, [.. values]);
    }

    static string Insert(int rows) =>
        $"insert into audit ({Columns}) values " + string.Join(", ", Names.Take(rows).Select(names => $"({string.Join(", ", names.Select(name => "@" + name))})"));

    static (string, object?)[] Values(IReadOnlyList<NotedEvent> events, int from, int rows)
    {
        var values = new (string, object?)[rows * ColumnNames.Length];
        for (var row = 0; row < rows; row++)
        {
            var (happened, at, cause) = events[from + row];
            ReadOnlySpan<object?> columns =
            [
                Id(at), at, happened.Kind.ToString(), happened.Outcome, happened.Pool, happened.Client, happened.User, happened.Session,
                happened.Subject is { Length: > LongestText } text ? text[..LongestText] : happened.Subject, cause?.Actor, cause?.Address, cause?.Request,
            ];
            for (var column = 0; column < columns.Length; column++) values[row * columns.Length + column] = (Names[row][column], columns[column]);
        }
        return values;
    }

    // Of one millisecond and one node, in the order in which they were written.
    static string Id(long at) => string.Create(CultureInfo.InvariantCulture,
        $"{at:D13}-{Interlocked.Increment(ref lastId) & 0xffffff:x6}{RandomNumberGenerator.GetHexString(10, lowercase: true)}");

    static string Bound(long at) => at.ToString("D13", CultureInfo.InvariantCulture);

    static string Later(string? one, string other) => one is null || string.CompareOrdinal(one, other) < 0 ? other : one;

    static AuditEntry Entry(DbDataReader row) => new(row.GetString(0), row.GetInt64(1),
        new(Enum.Parse<AuditKind>(row.GetString(2)), row.GetString(3), row.TextOrNull(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8)),
        row.TextOrNull(9), row.TextOrNull(10), row.TextOrNull(11));
}
