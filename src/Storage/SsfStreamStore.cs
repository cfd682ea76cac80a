using System.Data.Common;
using System.Text;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>How making a stream ended.</summary>
public enum SsfCreation
{
    /// <summary>It is there.</summary>
    Done,

    /// <summary>The client has as many as it may.</summary>
    TooMany,

    /// <summary>The pool or the client is being deleted.</summary>
    Gone,
}

/// <summary>Streams of security events, as their receivers manage them. What is delivered over them is with <see cref="SsfDeliveryStore"/>.</summary>
public sealed class SsfStreamStore(Database database, Sealing sealing)
{
    /// <summary>What is announced, with the stream's id, when a stream has changed.</summary>
    public const string Changed = "ssf-stream";

    /// <summary>Streams of one client in one pool.</summary>
    public const int MostPerClient = 20;

    /// <summary>Verification events of one stream that wait.</summary>
    public const int MostVerifications = 10;

    /// <summary>How long a receiver may neither poll nor manage its stream before the stream is deleted.</summary>
    public static readonly TimeSpan Inactivity = TimeSpan.FromDays(30);

    /// <summary>Streams that nobody polls or that could not be pushed for 30 days.</summary>
    public const string PurgeSql =
        """
        delete from ssf_streams where id in (select id from ssf_streams
            where (method = 2 and active_at < @now - 2592000000) or (method = 1 and failing_since < @now - 2592000000) limit @limit)
        """;

    /// <summary>What streams that are gone have left behind.</summary>
    public const string PurgeAcksSql =
        "delete from ssf_acks where (stream_id, seq) in (select stream_id, seq from ssf_acks where stream_id not in (select id from ssf_streams) limit @limit)";

    /// <inheritdoc cref="PurgeAcksSql"/>
    public const string PurgeVerificationsSql =
        "delete from ssf_verifications where id in (select id from ssf_verifications where stream_id not in (select id from ssf_streams) limit @limit)";

    const string Columns =
        """
        id, pool_id, client_id, method, endpoint_url, sealed_header, events_requested, wants, description, status, reason, seq, lease,
        failures, failing_since, trouble, refused, active_at
        """;

    const string Purpose = "ssf-header";

    /// <summary>Seals a receiver's Authorization header. It opens for this stream and this URL only, so that a changed row sends it nowhere else.</summary>
    public byte[] Seal(string streamId, string url, string header) => sealing.Seal(Purpose, $"{streamId}/{url}", Encoding.UTF8.GetBytes(header));

    /// <summary>The Authorization header of a push, or null if there is none.</summary>
    public string? Header(SsfStream stream) => stream.Settings is { SealedHeader: { } header, EndpointUrl: { } url }
        ? sealing.OpenText(Purpose, $"{stream.Id}/{url}", header) ?? throw new StorageException($"The header of stream {stream.Id} does not open under this master key.")
        : null;

    /// <summary>A stream, whoever's it is.</summary>
    public Task<SsfStream?> Find(string id, CancellationToken cancel) =>
        database.One($"select {Columns} from ssf_streams where id = @id", Read, cancel, ("id", id));

    /// <summary>The streams of a client, the oldest first.</summary>
    public Task<List<SsfStream>> List(string poolId, string clientId, CancellationToken cancel) => database.Many(
        $"select {Columns} from ssf_streams where pool_id = @pool and client_id = @client order by created_at, id", Read, cancel,
        ("pool", poolId), ("client", clientId));

    /// <summary>Adds a stream that begins where the feed stands now.</summary>
    public static async Task<SsfCreation> Create(Tx tx, string id, string poolId, string clientId, SsfSettings settings)
    {
        // Both rows are held: what is being deleted gets no stream that outlives it, and the streams of one client are counted one by one.
        if (!await tx.One($"select true from pools where id = @pool {tx.Dialect.ForUpdate}", _ => true, ("pool", poolId))) return SsfCreation.Gone;
        if (clientId.Length > 0 && !await tx.One($"select true from clients where id = @id {tx.Dialect.ForUpdate}", _ => true, ("id", clientId)))
            return SsfCreation.Gone;
        var count = await tx.One(
            "select count(*) from ssf_streams where pool_id = @pool and client_id = @client", row => row.GetInt64(0), ("pool", poolId), ("client", clientId));
        if (count >= MostPerClient) return SsfCreation.TooMany;
        Changes.Append(tx, Changed, id);
        await tx.Execute(
            """
            insert into ssf_streams (id, pool_id, client_id, method, endpoint_url, sealed_header, events_requested, wants, description, status, seq,
                                     lease_until, failures, retry_at, refused, active_at, created_at)
            values (@id, @pool, @client, @method, @url, @header, @requested, @wants, @description, 1,
                    coalesce((select seq from revocation_heads where pool_id = @pool), 0), 0, 0, 0, 0, @now, @now)
            """,
            [("id", id), ("pool", poolId), ("client", clientId), ("now", tx.Now), .. Parameters(settings)]);
        return SsfCreation.Done;
    }

    /// <summary>Replaces the settings of a stream, of two at once the last; null if it is gone.</summary>
    public static async Task<SsfStream?> Change(Tx tx, string id, SsfSettings settings)
    {
        if (await Lock(tx, id) is not { } before) return null;
        Changes.Append(tx, Changed, id);
        // Acknowledgements belong to polls, and a new address or method may end the trouble with the old one.
        if (settings.Method != before.Settings.Method) await tx.Execute("delete from ssf_acks where stream_id = @id", ("id", id));
        if (settings.Wants && !before.Settings.Wants) await ToHead(tx, id);
        await tx.Execute(
            """
            update ssf_streams set method = @method, endpoint_url = @url, sealed_header = @header, events_requested = @requested, wants = @wants,
                   description = @description, failures = 0, failing_since = null, retry_at = 0, trouble = null, active_at = @now
             where id = @id
            """,
            [("id", id), ("now", tx.Now), .. Parameters(settings)]);
        return await Lock(tx, id);
    }

    /// <summary>Sets the status by the receiver's wish. What was disabled goes on from now, what was paused from where it stood.</summary>
    public static async Task<bool> SetStatus(Tx tx, string id, SsfStatus status, string? reason)
    {
        if (await Lock(tx, id) is not { } before) return false;
        Changes.Append(tx, Changed, id);
        if (status == SsfStatus.Disabled) await tx.Execute("delete from ssf_verifications where stream_id = @id", ("id", id));
        if (before.Status == SsfStatus.Disabled && status != SsfStatus.Disabled) await ToHead(tx, id);
        return await tx.Execute(
            """
            update ssf_streams set status = @status, reason = @reason, failures = 0, failing_since = null, retry_at = 0, trouble = null, active_at = @now
             where id = @id
            """,
            ("id", id), ("status", (long)status), ("reason", reason), ("now", tx.Now)) == 1;
    }

    /// <summary>Stores a verification event to be delivered; false if too many wait. A disabled stream keeps none.</summary>
    public static async Task<bool> Verify(Tx tx, string id, string verificationId, string? state)
    {
        if (await Lock(tx, id) is not { Status: not SsfStatus.Disabled }) return true;
        if (await tx.One("select count(*) from ssf_verifications where stream_id = @id", row => row.GetInt64(0), ("id", id)) >= MostVerifications) return false;
        Changes.Append(tx, Changed, id);
        await tx.Execute("insert into ssf_verifications (id, stream_id, state, created_at) values (@verification, @id, @state, @now)",
            ("verification", verificationId), ("id", id), ("state", state), ("now", tx.Now));
        return true;
    }

    /// <summary>Deletes a stream with what waits on it; false if it is gone.</summary>
    public static async Task<bool> Delete(Tx tx, string id)
    {
        Changes.Append(tx, Changed, id);
        await tx.Execute("delete from ssf_acks where stream_id = @id", ("id", id));
        await tx.Execute("delete from ssf_verifications where stream_id = @id", ("id", id));
        return await tx.Execute("delete from ssf_streams where id = @id", ("id", id)) == 1;
    }

    static async Task ToHead(Tx tx, string id)
    {
        await tx.Execute("delete from ssf_acks where stream_id = @id", ("id", id));
        await tx.Execute("update ssf_streams set seq = coalesce((select seq from revocation_heads h where h.pool_id = ssf_streams.pool_id), 0) where id = @id", ("id", id));
    }

    static Task<SsfStream?> Lock(Tx tx, string id) => tx.One($"select {Columns} from ssf_streams where id = @id {tx.Dialect.ForUpdate}", Read, ("id", id));

    static (string Name, object? Value)[] Parameters(SsfSettings settings) =>
    [
        ("method", (long)settings.Method), ("url", settings.EndpointUrl), ("header", settings.SealedHeader), ("requested", settings.EventsRequested),
        ("wants", settings.Wants), ("description", settings.Description),
    ];

    static SsfStream Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2),
        new((SsfMethod)row.GetInt64(3), row.TextOrNull(4), row.BytesOrNull(5), row.TextOrNull(6), row.GetBoolean(7), row.TextOrNull(8)),
        (SsfStatus)row.GetInt64(9), row.TextOrNull(10), row.GetInt64(11), row.TextOrNull(12),
        new(row.GetInt64(13), row.LongOrNull(14), row.TextOrNull(15), row.GetInt64(16)), row.GetInt64(17));
}
