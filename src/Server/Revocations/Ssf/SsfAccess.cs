using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>Whose a stream is: the client's that made it. Another's is as good as none, and is answered alike.</summary>
sealed class SsfAccess(FeedAccess access, SsfStreamStore streams)
{
    /// <summary>The caller, as the owner of streams; empty where the feed is open and no token was shown.</summary>
    public async Task<string> Check(HttpRequest request, string poolId, CancellationToken cancel) =>
        (await access.CheckOwner(request, poolId, cancel)).Client ?? "";

    /// <summary>A stream of the caller's.</summary>
    public async Task<SsfStream> Stream(HttpRequest request, string poolId, string? streamId, CancellationToken cancel) =>
        await Own(await Check(request, poolId, cancel), poolId, streamId, cancel);

    /// <summary>A stream of an owner's.</summary>
    public async Task<SsfStream> Own(string owner, string poolId, string? streamId, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(streamId)) throw SsfBody.Bad("stream_id is missing.");
        return Guid.TryParseExact(streamId, "D", out _) && await streams.Find(streamId, cancel) is { } stream && stream.PoolId == poolId && stream.ClientId == owner
            ? stream : throw NotFound();
    }

    public static FeedException NotFound() => new(404, "not_found", "There is no such stream.");
}
