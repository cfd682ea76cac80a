using System.Security.Cryptography;
using System.Text.Json;
using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>
/// One turn of pushing to one receiver (RFC 8935): under a lease, event by event in the order of the feed, until nothing waits,
/// something fails, or others have waited long enough.
/// </summary>
sealed partial class PushTurn(
    Database database, SsfStreamStore streams, SsfDeliveryStore deliveries, RevocationStore feed, SetWriter writer, Egress egress, ILogger<PushTurn> log)
{
    const int MostEvents = 100;
    const string MediaType = "application/secevent+jwt";

    // Longer than one call may take with what is written before and after it.
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    static readonly TimeSpan MostWait = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Forbearance = TimeSpan.FromDays(7);

    // RFC 8935 §2.4 and SSF §8.1.4.1: what says that this token will never be taken. The other codes speak of keys and of who may
    // speak at all, which somebody can put right.
    static readonly HashSet<string> Final = new(StringComparer.Ordinal) { "invalid_request", "invalid_issuer", "invalid_audience", "invalid_state" };

    public async Task Run(string streamId, CancellationToken stop)
    {
        var lease = Ids.Uuid();
        if (!await database.Write(tx => SsfDeliveryStore.Take(tx, streamId, lease, Lease))) return;
        try
        {
            for (var i = 0; i < MostEvents && await Next(streamId, lease, stop); i++)
            {
            }
        }
        finally
        {
            await database.Write(tx => SsfDeliveryStore.Release(tx, streamId, lease));
        }
    }

    // Read anew for each event: whoever pauses or redirects a stream is obeyed from the next one on.
    async Task<bool> Next(string streamId, string lease, CancellationToken stop)
    {
        if (await streams.Find(streamId, stop) is not { Status: SsfStatus.Enabled, Settings.Method: SsfMethod.Push } stream || stream.Lease != lease) return false;
        if (await writer.Open(stream, stop) is not { } to) return false;
        if (await deliveries.Verifications(streamId, 1, stop) is [var asked])
            return await Deliver(stream, SetWriter.Write(to, asked), to, lease,
                refused => database.Write(tx => SsfDeliveryStore.Verified(tx, stream, asked.Id, lease, Lease, refused)), stop);
        if (!stream.Settings.Wants) return false;
        // The head first: what is appended after it was read is not jumped over.
        var head = await feed.Head(stream.PoolId, stop);
        if (await deliveries.Entries(stream, 1, stop) is [var entry])
            return await Deliver(stream, SetWriter.Write(to, stream, entry), to, lease,
                refused => database.Write(tx => SsfDeliveryStore.Advance(tx, stream, entry.Seq, lease, Lease, refused)), stop);
        // What is left up to the head has expired.
        if (head.Seq != stream.Seq) await database.Write(tx => SsfDeliveryStore.Advance(tx, stream, head.Seq, lease, Lease));
        return false;
    }

    async Task<bool> Deliver(SsfStream stream, SignedSet set, SecurityEventStream to, string lease, Func<bool, Task<bool>> done, CancellationToken stop)
    {
        var trouble = await Post(stream, set, stop);
        if (trouble is null || Final.Contains(trouble))
        {
            if (trouble is not null) Refused(log, stream.Id, set.Jti, trouble);
            if (trouble is null && stream.Health.FailingSince is not null) Recovered(log, stream.Id, stream.Health.Failures);
            return await done(trouble is not null);
        }
        if (stream.Health.FailingSince is { } since && since < database.Now - Forbearance.Ms()) await Pause(stream, to, lease, trouble, stop);
        else await Postpone(stream, lease, trouble);
        return false;
    }

    // Null when the receiver has taken it, else what is wrong.
    async Task<string?> Post(SsfStream stream, SignedSet set, CancellationToken stop)
    {
        try
        {
            var reply = await egress.Post(new(stream.Settings.EndpointUrl!), set.Token, MediaType, streams.Header(stream), stop);
            return reply.Status switch
            {
                StatusCodes.Status202Accepted => null,
                StatusCodes.Status400BadRequest when Code(reply.Body) is { } code => code,
                var other => $"HTTP {other}",
            };
        }
        catch (EgressException unanswered)
        {
            return unanswered.Message;
        }
    }

    async Task Postpone(SsfStream stream, string lease, string trouble)
    {
        if (stream.Health.FailingSince is null) Failing(log, stream.Id, trouble);
        // Doubling from a second on; a fifth up or down, so that streams to one receiver do not all come back in one instant.
        var wait = Math.Min(TimeSpan.FromSeconds(1).Ms() << (int)Math.Min(stream.Health.Failures, 20), MostWait.Ms());
        wait = wait * RandomNumberGenerator.GetInt32(80, 121) / 100;
        await database.Write(tx => SsfDeliveryStore.Fail(tx, stream.Id, lease, trouble, TimeSpan.FromMilliseconds(wait)));
    }

    // SSF 1.0 §8.1.5: the receiver is told before the stream stops. If it takes nothing, it does not take this either.
    async Task Pause(SsfStream stream, SecurityEventStream to, string lease, string trouble, CancellationToken stop)
    {
        var reason = $"Nothing could be delivered for {Forbearance.TotalDays:0} days: {trouble}";
        await Post(stream, SetWriter.Paused(to, reason, database.Now), stop);
        if (await database.Write(tx => SsfDeliveryStore.Pause(tx, stream.Id, lease, reason))) PausedByUs(log, stream.Id, reason);
    }

    // {"err": "…"} in the vocabulary of RFC 8935 §2.4; anything else is just a 400.
    static string? Code(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("err", out var code) && code.ValueKind == JsonValueKind.String
                && code.GetString() is { Length: > 0 and <= 64 } text && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-') ? text : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [LoggerMessage(6013, LogLevel.Warning, "The receiver of stream {Stream} refuses {Jti} for good: {Error}")]
    static partial void Refused(ILogger log, string stream, string jti, string error);

    [LoggerMessage(6014, LogLevel.Warning, "The receiver of stream {Stream} does not take events: {Trouble}; they are kept and tried again")]
    static partial void Failing(ILogger log, string stream, string trouble);

    [LoggerMessage(6015, LogLevel.Information, "The receiver of stream {Stream} takes events again, after {Failures} failures")]
    static partial void Recovered(ILogger log, string stream, long failures);

    [LoggerMessage(6016, LogLevel.Warning, "Stream {Stream} is paused. {Reason}")]
    static partial void PausedByUs(ILogger log, string stream, string reason);
}
