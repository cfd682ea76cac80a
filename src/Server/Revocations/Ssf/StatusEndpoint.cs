using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>/{poolId}/ssf/status: whether a stream transmits (SSF 1.0 §8.1.2).</summary>
static class StatusEndpoint
{
    const int MostReason = 1024;

    public static async Task<IResult> Read(HttpRequest request, string poolId, SsfAccess access, CancellationToken cancel) =>
        Reply(await access.Stream(request, poolId, request.Query["stream_id"], cancel));

    public static async Task<IResult> Update(HttpRequest request, string poolId, SsfAccess access, Database database, CancellationToken cancel)
    {
        var owner = await access.Check(request, poolId, cancel);
        var body = await SsfBody.Read(request, cancel);
        var stream = await access.Own(owner, poolId, body.Text("stream_id", 64), cancel);
        SsfStatus status = body.Required("status", 16) switch
        {
            "enabled" => SsfStatus.Enabled,
            "paused" => SsfStatus.Paused,
            "disabled" => SsfStatus.Disabled,
            _ => throw SsfBody.Bad("status must be enabled, paused or disabled."),
        };
        var reason = body.Text("reason", MostReason);
        if (!await database.Write(tx => SsfStreamStore.SetStatus(tx, stream.Id, status, reason))) throw SsfAccess.NotFound();
        return Reply(await access.Own(owner, poolId, stream.Id, cancel));
    }

    /// <summary>The word on the wire.</summary>
    public static string Name(SsfStatus status) => status switch
    {
        SsfStatus.Enabled => "enabled",
        SsfStatus.Paused => "paused",
        _ => "disabled",
    };

    // An enabled stream has nothing to explain, so that is where the operator of a receiver learns how deliveries go.
    static IResult Reply(SsfStream stream) => TypedResults.Json(
        new StreamState(stream.Id, Name(stream.Status), stream.Reason ?? Trouble(stream.Health)), SsfJson.Default.StreamState);

    static string? Trouble(SsfHealth health)
    {
        var refused = health.Refused > 0 ? $"The receiver has refused {health.Refused} events for good." : null;
        return health.Trouble is null ? refused : $"Delivery has failed {health.Failures} times in a row and is tried again: {health.Trouble}. {refused}".TrimEnd();
    }
}
