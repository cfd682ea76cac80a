namespace Poolhouse.Server.Revocations;

/// <summary>
/// The revocation feed of a pool: what makes a guard refuse a revoked session within a tenth of a second (docs/reference/revocation-feed.md).
///   GET /{poolId}/revocations/stream     StreamEndpoint     server-sent events from a position on, a heartbeat each second
///   GET /{poolId}/revocations/snapshot   SnapshotEndpoint   everything that still counts, in binary
///   Ssf/                                 SsfRoutes          the same as security events, for receivers that speak the standards
/// FeedAccess says who may read. RevocationFeed follows the table for all readers of this node, a PoolFeed for each pool.
/// </summary>
static class RevocationRoutes
{
    public static void AddRevocations(this IServiceCollection services) => services.AddSingleton<FeedAccess>().AddSingleton<RevocationFeed>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var feed = routes.MapGroup("/{poolId}/revocations").AddEndpointFilter(FeedErrors.Render);
        feed.MapGet("/stream", StreamEndpoint.Handle);
        feed.MapGet("/snapshot", SnapshotEndpoint.Handle);
    }
}
