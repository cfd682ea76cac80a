using System.Data.Common;
using System.Text.Json;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>
/// Messages on their way, sealed: they hold codes. A message is stored in the transaction that makes its code, and is delivered at least
/// once: who delivers claims it for a while, and if nothing is heard of him, it is due again.
/// </summary>
public sealed class MessageStore(Database database, Sealing sealing)
{
    /// <summary>Announced after the commit of a message, with its lane.</summary>
    public const string Posted = "message-posted";

    const string Purpose = "message";
    const string Columns = "id, lane, due_at, tries, trouble, content";
    static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Stores a message, due at once.</summary>
    /// <param name="tx">The transaction that makes its code.</param>
    /// <param name="message">The message.</param>
    /// <param name="lane">Who takes it away; null only keeps it.</param>
    public async Task Insert(Tx tx, OutgoingMessage message, string? lane)
    {
        await Insert(tx, message, lane, message.At + Kept.Ms());
        if (lane is not null) tx.Signal(new(Posted, lane));
    }

    /// <summary>Stores a message that nobody is going to read, for the sake of the work.</summary>
    public Task InsertOver(Tx tx, OutgoingMessage message) => Insert(tx, message, null, message.At);

    Task<int> Insert(Tx tx, OutgoingMessage message, string? lane, long endsAt)
    {
        var id = Ids.Uuid();
        var content = JsonSerializer.SerializeToUtf8Bytes(message, MessagesJson.Default.OutgoingMessage);
        return tx.Execute(
            """
            insert into messages (id, at, nth, pool_id, content, ends_at, lane, due_at)
            values (@id, @at, (select count(*) from messages where at = @at), @pool, @content, @endsAt, @lane, @dueAt)
            """,
            ("id", id), ("at", message.At), ("pool", message.Pool), ("content", sealing.Seal(Purpose, id, content)), ("endsAt", endsAt),
            ("lane", lane), ("dueAt", lane is null ? null : tx.Now));
    }

    /// <summary>The latest messages, newest first.</summary>
    public async Task<List<QueuedMessage>> Latest(int limit, CancellationToken cancel) => [.. (await database.Many(
        $"select {Columns} from messages where ends_at > @now order by at desc, nth desc limit @limit", Read, cancel, ("now", database.Now), ("limit", (long)limit))).Select(Open)];

    /// <summary>What is in the queues, waiting or given up, the oldest first.</summary>
    public async Task<List<QueuedMessage>> Undelivered(int limit, CancellationToken cancel) => [.. (await database.Many(
        $"select {Columns} from messages where due_at is not null or trouble is not null order by at, nth limit @limit",
        Read, cancel, ("limit", (long)limit))).Select(Open)];

    /// <summary>The messages of a lane that are due, the longest due first.</summary>
    public Task<List<string>> Due(string lane, int limit, CancellationToken cancel) => database.Many(
        "select id from messages where lane = @lane and due_at <= @now order by due_at, id limit @limit",
        row => row.GetString(0), cancel, ("lane", lane), ("now", database.Now), ("limit", (long)limit));

    /// <summary>Takes a message that is due, so that nobody else delivers it for a while; null if somebody has.</summary>
    public async Task<QueuedMessage?> Claim(string id, TimeSpan term)
    {
        var row = await database.Write(tx => tx.One(
            $"update messages set due_at = @until, tries = tries + 1 where id = @id and due_at <= @now returning {Columns}",
            Read, ("id", id), ("now", tx.Now), ("until", tx.Now + term.Ms())));
        return row is null ? null : Open(row);
    }

    /// <summary>Notes that a message was delivered. It is forgotten, unless whoever runs this wants to see what went out.</summary>
    public Task Delivered(QueuedMessage message, bool keep) => database.Write(tx => keep
        ? tx.Execute("update messages set due_at = null, trouble = null where id = @id", ("id", message.Id))
        : tx.Execute("delete from messages where id = @id", ("id", message.Id)));

    /// <summary>Notes that an attempt failed, and when the next is due, if there is one. Whoever let a claim lapse has nothing to say any more.</summary>
    public Task<bool> Failed(QueuedMessage claimed, string trouble, long? dueAt) => database.Write(async tx => await tx.Execute(
        "update messages set due_at = @dueAt, trouble = @trouble where id = @id and due_at = @claimed",
        ("id", claimed.Id), ("claimed", claimed.DueAt), ("trouble", trouble), ("dueAt", dueAt)) == 1);

    /// <summary>Gives a claim back as if nothing had been tried.</summary>
    public Task Release(QueuedMessage claimed) => database.Write(tx => tx.Execute(
        "update messages set due_at = @now, tries = tries - 1 where id = @id and due_at = @claimed",
        ("id", claimed.Id), ("claimed", claimed.DueAt), ("now", tx.Now)));

    /// <summary>Makes messages that failed due now, those that were given up too; how many.</summary>
    /// <param name="id">One of them, or null for all.</param>
    public Task<int> Retry(string? id) => database.Write(tx => tx.Execute(
        "update messages set due_at = @now where lane is not null and trouble is not null and (cast(@id as text) is null or id = @id)",
        ("id", id), ("now", tx.Now)));

    static Row Read(DbDataReader row) => new(
        row.GetString(0), row.TextOrNull(1), row.LongOrNull(2), row.GetInt64(3), row.TextOrNull(4), row.GetFieldValue<byte[]>(5));

    QueuedMessage Open(Row row) => new(row.Id, row.Lane, row.DueAt, row.Tries, row.Trouble,
        sealing.Open(Purpose, row.Id, row.Content) is { } content ? JsonSerializer.Deserialize(content, MessagesJson.Default.OutgoingMessage) : null);

    sealed record Row(string Id, string? Lane, long? DueAt, long Tries, string? Trouble, byte[] Content);
}
