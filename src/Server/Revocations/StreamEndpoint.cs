using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// GET /{poolId}/revocations/stream?since=epoch:seq: first what came after the position, then whatever comes, and a heartbeat each
/// second. It ends when the host stops, when the reader's token does, and when the feed begins a new epoch; the reader comes back.
/// </summary>
static partial class StreamEndpoint
{
    const int PageSize = 500;

    // Who takes nothing for so long is cut off, not waited for.
    static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(10);

    static ReadOnlyMemory<byte> Prelude { get; } = "retry: 1000\n\n"u8.ToArray();

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
            var frame = await pool.Latest(ends.Token) ?? throw FeedException.Gone("The feed has begun a new epoch.");
            var log = context.RequestServices.GetRequiredService<ILogger<RevocationFeed>>();
            if (since is { } position) await CheckPosition(position, frame.Position, poolId, store, log, ends.Token);
            Opened(log, reader.Client ?? "anybody", poolId, since?.ToString() ?? "now");
            await Send(context, poolId, pool, store, reader, since ?? frame.Position, frame, ends.Token);
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

    static async Task CheckPosition(FeedPosition since, FeedPosition head, string poolId, RevocationStore store, ILogger log, CancellationToken cancel)
    {
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

    static async Task Send(
        HttpContext context, string poolId, PoolFeed pool, RevocationStore store, FeedReader reader, FeedPosition since, FeedFrame frame, CancellationToken ends)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await Write(context, Prelude, ends);
        for (var at = since.Seq; at < frame.Position.Seq; await Flush(context, ends))
            foreach (var entry in await store.After(poolId, at, PageSize, ends))
            {
                if (entry.Seq != at + 1) return;
                at = entry.Seq;
                if (at <= frame.Position.Seq) await Write(context, FeedFrame.Revoked(frame.Position with { Seq = at }, entry), ends);
                if (at == frame.Position.Seq) break;
            }
        await Flush(context, ends);
        await Follow(context, pool, reader, frame, ends);
    }

    static async Task Follow(HttpContext context, PoolFeed pool, FeedReader reader, FeedFrame frame, CancellationToken ends)
    {
        while (await frame.Next.WaitAsync(ends) is { } next)
        {
            frame = next;
            await Write(context, frame.Bytes, ends);
            if (pool.HasLost(frame)) context.Abort();
            // A burst goes out together.
            if (!frame.Next.IsCompleted) await Flush(context, ends);
            // Whoever is deleted reads no longer; everybody else of the pool goes on.
            if (frame.Entry is { Kind: RevocationKind.Client } gone && gone.Value == reader.Client || frame.Entry is { Kind: RevocationKind.Pool }) break;
        }
        await Flush(context, ends);
    }

    static async Task Write(HttpContext context, ReadOnlyMemory<byte> bytes, CancellationToken ends)
    {
        var writer = context.Response.BodyWriter;
        writer.Write(bytes.Span);
        if (writer.UnflushedBytes > 16 * 1024) await Flush(context, ends);
    }

    static async Task Flush(HttpContext context, CancellationToken ends)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ends);
        patience.CancelAfter(MostPatience);
        try
        {
            await context.Response.BodyWriter.FlushAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested)
        {
            context.Abort();
            throw;
        }
    }

    [LoggerMessage(6005, LogLevel.Information, "The revocation feed of {Pool} is read by {Client}, from {Since}")]
    static partial void Opened(ILogger log, string client, string pool, string since);

    [LoggerMessage(6006, LogLevel.Error, "A reader of the revocation feed of {Pool} knows entry {Since}, the head is {Head}: an older database was restored without `poolhouse restored`")]
    static partial void Beyond(ILogger log, string pool, long since, long head);
}
