using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>A message to a user, as it goes out.</summary>
/// <param name="At">Unix ms.</param>
/// <param name="Kind">What caused it: SignUp, ResendCode, ForgotPassword, AdminCreateUser …</param>
/// <param name="Pool">The pool.</param>
/// <param name="Username">The user name.</param>
/// <param name="To">The e-mail address or phone number.</param>
/// <param name="Subject">Of an e-mail; null for an SMS.</param>
/// <param name="Body">The text.</param>
/// <param name="Code">The code or temporary password in it, or null.</param>
public sealed record OutgoingMessage(
    long At, string Kind, string Pool, string Username, string To, string? Subject, string Body, string? Code);

/// <summary>Messages on their way, sealed: they hold codes. A message is stored in the transaction that makes its code.</summary>
public sealed class MessageStore(Database database, Sealing sealing)
{
    const string Purpose = "message";
    static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Stores a message.</summary>
    public Task Insert(Tx tx, OutgoingMessage message) => Insert(tx, message, message.At + Kept.Ms());

    /// <summary>Stores a message that nobody is going to read, for the sake of the work.</summary>
    public Task InsertOver(Tx tx, OutgoingMessage message) => Insert(tx, message, message.At);

    Task Insert(Tx tx, OutgoingMessage message, long endsAt)
    {
        var id = Ids.Uuid();
        var content = JsonSerializer.SerializeToUtf8Bytes(message, MessagesJson.Default.OutgoingMessage);
        return tx.Execute(
            "insert into messages (id, at, pool_id, content, ends_at) values (@id, @at, @pool, @content, @endsAt)",
            ("id", id), ("at", message.At), ("pool", message.Pool), ("content", sealing.Seal(Purpose, id, content)), ("endsAt", endsAt));
    }

    /// <summary>The latest messages, newest first.</summary>
    public async Task<List<OutgoingMessage>> Latest(int limit, CancellationToken cancel)
    {
        var rows = await database.Many(
            "select id, content from messages where ends_at > @now order by at desc, id limit @limit",
            row => (Id: row.GetString(0), Content: row.GetFieldValue<byte[]>(1)), cancel, ("now", database.Now), ("limit", (long)limit));
        return [.. rows.Select(row => sealing.Open(Purpose, row.Id, row.Content)).OfType<byte[]>()
            .Select(content => JsonSerializer.Deserialize(content, MessagesJson.Default.OutgoingMessage)!)];
    }
}

/// <summary>The JSON form in which this is stored.</summary>
[JsonSerializable(typeof(OutgoingMessage))]
sealed partial class MessagesJson : JsonSerializerContext;
