using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// GET /{poolId}/revocations/stream?since=epoch:seq: first what came after the position, then whatever comes, and a heartbeat each
/// second. It ends when the host stops, when the reader's token does, and when the feed begins a new epoch; the reader comes back.
/// </summary>
static partial class StreamEndpoint
{
    public static async Task<IResult> Handle(
        HttpContext context, string poolId, FeedAccess access, RevocationFeed feed, RevocationStore store, IHostApplicationLifetime host, TimeProvider time)
    {
        var reader = await access.Check(context.Request, poolId, context.RequestAborted);
        var since = Since(context.Request);
        var pool = feed.Join(poolId) ?? throw new FeedException(503, "temporarily_unavailable", "This node has as many readers as it takes.");
        try
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
            using var tokenEnds = Timer(reader, time, ends);
            var known = await pool.Stands(ends.Token) ?? throw FeedException.Gone("The feed has begun a new epoch.");
            var log = context.RequestServices.GetRequiredService<ILogger<RevocationFeed>>();
            if (since is { } position) await Check(position, known, poolId, store, log, ends.Token);
            Opened(log, reader.Client ?? "anybody", poolId, since?.ToString() ?? "now");
            await new FeedConnection(context, poolId, pool, store, reader, time).Send(since ?? known, ends.Token);
        }
        catch (OperationCanceledException)
        {
            // A normal end: the host stops, the token has expired, or the reader is gone.
        }
        finally
        {
            await feed.Leave(poolId, pool);
        }
        return TypedResults.Empty;
    }

    static FeedPosition? Since(HttpRequest request)
    {
        // An EventSource that was cut off names where it stands by itself, and the query only says where it began.
        var text = request.Headers["Last-Event-ID"] is [{ Length: > 0 } header] ? header : request.Query["since"] is [{ Length: > 0 } query] ? query : null;
        if (text is null) return null;
        return FeedPosition.TryParse(text, out var position) ? position : throw new FeedException(400, "invalid_request", "A position is written epoch:seq.");
    }

    static async Task Check(FeedPosition since, FeedPosition known, string poolId, RevocationStore store, ILogger log, CancellationToken cancel)
    {
        // What this node has read so far may be less than another has told the reader: only the table can say that a position is wrong.
        var head = since.Epoch == known.Epoch && since.Seq <= known.Seq ? known : await store.Head(poolId, cancel);
        if (since.Epoch != head.Epoch) throw FeedException.Gone("The feed has begun a new epoch.");
        if (since.Seq > head.Seq)
        {
            Beyond(log, poolId, since.Seq, head.Seq);
            throw FeedException.Gone("The position is beyond the head of the feed.");
        }
        if (!await store.Reaches(poolId, since.Seq, head.Seq, cancel)) throw FeedException.Gone("What came after the position has been forgotten.");
    }

    static ITimer? Timer(FeedReader reader, TimeProvider time, CancellationTokenSource ends)
    {
        if (reader.EndsAt == long.MaxValue) return null;
        var left = Math.Max(0, reader.EndsAt - time.GetUtcNow().ToUnixTimeMilliseconds());
        return time.CreateTimer(_ => End(ends), null, TimeSpan.FromMilliseconds(left), Timeout.InfiniteTimeSpan);
    }

    static void End(CancellationTokenSource ends)
    {
        try
        {
            ends.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The stream has ended in the same moment; on a timer's thread nobody else would catch this, and the process would end.
        }
    }

    [LoggerMessage(6005, LogLevel.Information, "The revocation feed of {Pool} is read by {Client}, from {Since}")]
    static partial void Opened(ILogger log, string client, string pool, string since);

    [LoggerMessage(6006, LogLevel.Error, "A reader of the revocation feed of {Pool} knows entry {Since}, the head is {Head}: an older database was restored without `poolhouse restored`")]
    static partial void Beyond(ILogger log, string pool, long since, long head);
}
