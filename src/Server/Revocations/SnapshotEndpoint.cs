using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations;

/// <summary>GET /{poolId}/revocations/snapshot: everything that still counts, up to a head that the ETag names. The stream goes on from there.</summary>
static class SnapshotEndpoint
{
    const int PageSize = 5000;

    public static async Task<IResult> Handle(HttpContext context, string poolId, FeedAccess access, RevocationStore store, Database database, CancellationToken cancel)
    {
        await access.Check(context.Request, poolId, cancel);
        var head = await store.Head(poolId, cancel);
        var tag = $"\"{head}\"";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch.Contains(tag)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        context.Response.ContentType = RevocationSnapshot.MediaType;
        await Write(context, poolId, head, store, database.Now, cancel);
        return TypedResults.Empty;
    }

    // Page by page, so that ten million entries are never in memory together.
    static async Task Write(HttpContext context, string poolId, FeedPosition head, RevocationStore store, long now, CancellationToken cancel)
    {
        var body = context.Response.BodyWriter;
        RevocationSnapshot.WriteHeader(body, head, now);
        long count = 0;
        for (long at = 0; ;)
        {
            var page = await store.After(poolId, at, PageSize, cancel);
            foreach (var entry in page.TakeWhile(entry => entry.Seq <= head.Seq).Where(entry => entry.KeepUntil * 1000 > now))
            {
                RevocationSnapshot.WriteEntry(body, entry);
                count++;
            }
            if (page.Count < PageSize || page[^1].Seq >= head.Seq) break;
            at = page[^1].Seq;
            await body.FlushAsync(cancel);
        }
        RevocationSnapshot.WriteEnd(body, count);
        await body.FlushAsync(cancel);
    }
}
