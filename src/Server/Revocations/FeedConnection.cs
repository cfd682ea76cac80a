using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>
/// What one reader is sent: from the table what came before it joined, then frame by frame. Who falls behind the frames goes back
/// to the table, so that nothing is kept for the slow and nobody is cut off by a burst; who takes nothing at all is cut off.
/// </summary>
sealed class FeedConnection(HttpContext context, string poolId, PoolFeed pool, RevocationStore store, FeedReader reader, TimeProvider time)
{
    const int PageSize = 500;
    const int FlushAt = 16 * 1024;

    static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(10);

    // The host that stops does not wait for who takes nothing.
    static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);

    static ReadOnlyMemory<byte> Prelude { get; } = "retry: 1000\n\n"u8.ToArray();

    // The last entry that the reader knows.
    long at;

    // The last frame that it was sent. No other variable may live through an await with a frame in it: a frame keeps all after it.
    FeedFrame? current;

    /// <summary>Sends what comes after a position until the feed or the reader's time ends.</summary>
    public async Task Send(FeedPosition since, CancellationToken ends)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        at = since.Seq;
        await Write(Prelude, ends);
        await Flush(ends);
        if (!await CatchUp(ends)) return;
        if (at == current!.Position.Seq && pool.Greeting(current) is { } greeting) await Write(greeting, ends);
        do await Flush(ends);
        while (await Follow(ends) && await CatchUp(ends));
    }

    /// <summary>Tells from the table what the newest frame stands behind; false if it is over: told to the end, in part forgotten, or the feed has ended.</summary>
    async Task<bool> CatchUp(CancellationToken ends)
    {
        while ((current = await pool.Latest(ends)) is not null && at < current.Position.Seq)
        {
            var head = current.Position;
            var page = await store.After(poolId, at, PageSize, ends);
            if (page.Count == 0) return false;
            foreach (var entry in page.TakeWhile(entry => entry.Seq <= head.Seq))
            {
                if (entry.Seq != at + 1) return false;
                at = entry.Seq;
                await Write(FeedFrame.Revoked(head with { Seq = at }, entry), ends);
                if (!IsLast(entry)) continue;
                await Flush(ends);
                return false;
            }
            await Flush(ends);
        }
        return current is not null;
    }

    /// <summary>Sends the frames as they come. False when it is over; true when the reader has lost touch and must catch up.</summary>
    async Task<bool> Follow(CancellationToken ends)
    {
        while ((current = await current!.Next.WaitAsync(ends)) is not null)
        {
            // Another node may have told the reader more than this one has read so far.
            if (current.Position.Seq < at || (current.Entry is not null && current.Position.Seq == at)) continue;
            at = current.Position.Seq;
            await Write(current.Bytes, ends);
            // A burst goes out together.
            if (!current.Next.IsCompleted) await Flush(ends);
            if (current.Entry is { } entry && IsLast(entry)) break;
            if (pool.HasLost(current)) return true;
        }
        await Flush(ends);
        return false;
    }

    // Whoever is deleted reads no longer; everybody else of the pool goes on.
    bool IsLast(Revocation entry) => entry.Kind == RevocationKind.Pool || (entry.Kind == RevocationKind.Client && entry.Value == reader.Client);

    async Task Write(ReadOnlyMemory<byte> bytes, CancellationToken ends)
    {
        var writer = context.Response.BodyWriter;
        writer.Write(bytes.Span);
        if (writer.UnflushedBytes > FlushAt) await Flush(ends);
    }

    async Task Flush(CancellationToken ends)
    {
        using var patience = new CancellationTokenSource(MostPatience, time);
        using var hurry = ends.Register(() => patience.CancelAfter(Farewell));
        try
        {
            await context.Response.BodyWriter.FlushAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            throw;
        }
    }
}
