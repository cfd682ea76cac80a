namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>
/// The feed for receivers that speak the standards: CAEP session-revoked events over the Shared Signals Framework 1.0 (docs/guide/shared-signals.md).
///   GET  /{poolId}/.well-known/ssf-configuration   MetadataEndpoint    also at /.well-known/ssf-configuration/{poolId}
///   *    /{poolId}/ssf/streams, /status            StreamsEndpoint, StatusEndpoint: what a receiver manages
///   POST /{poolId}/ssf/verification, /subjects/*   VerificationEndpoint, SubjectsEndpoint
///   POST /{poolId}/ssf/poll/{streamId}             PollEndpoint (RFC 8936); Pusher and PushTurn post to receivers (RFC 8935)
/// SsfAccess says whose a stream is, SetWriter makes the tokens out of rows of the feed.
/// </summary>
static class SsfRoutes
{
    public static void AddSsf(this IServiceCollection services) => services
        .AddSingleton<SsfAccess>().AddSingleton<SsfUrls>().AddSingleton<StreamSettings>().AddSingleton<SetWriter>().AddSingleton<SsfBell>()
        .AddSingleton<PollDelivery>().AddSingleton<PushTurn>().AddHostedService<Pusher>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        var documents = routes.MapGroup("").AddEndpointFilter(FeedErrors.Render);
        documents.MapGet("/{poolId}/.well-known/ssf-configuration", MetadataEndpoint.Handle);
        documents.MapGet("/.well-known/ssf-configuration/{poolId}", MetadataEndpoint.Handle);

        var api = routes.MapGroup("/{poolId}/ssf").AddEndpointFilter(FeedErrors.Render);
        api.MapPost("/streams", StreamsEndpoint.Create);
        api.MapGet("/streams", StreamsEndpoint.Read);
        api.MapPatch("/streams", StreamsEndpoint.Update);
        api.MapPut("/streams", StreamsEndpoint.Replace);
        api.MapDelete("/streams", StreamsEndpoint.Delete);
        api.MapGet("/status", StatusEndpoint.Read);
        api.MapPost("/status", StatusEndpoint.Update);
        api.MapPost("/verification", VerificationEndpoint.Handle);
        api.MapPost("/subjects/add", SubjectsEndpoint.Add);
        api.MapPost("/subjects/remove", SubjectsEndpoint.Remove);
        api.MapPost("/poll/{streamId}", PollEndpoint.Handle);
    }
}
