using System.Text.Json;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>
/// POST /{poolId}/ssf/subjects/add and /remove (SSF 1.0 §8.1.3). Every subject of the pool is on every stream. Adding one changes
/// nothing; removing one is refused: who has stolen a receiver's token could keep a revoked session alive there by removing it
/// first (SSF 1.0 §9.3), and an event that a receiver has no use for costs it nothing.
/// </summary>
static class SubjectsEndpoint
{
    public static async Task<IResult> Add(HttpRequest request, string poolId, SsfAccess access, CancellationToken cancel)
    {
        await Check(request, poolId, access, cancel);
        return TypedResults.Ok();
    }

    public static async Task<IResult> Remove(HttpRequest request, string poolId, SsfAccess access, CancellationToken cancel)
    {
        await Check(request, poolId, access, cancel);
        throw new FeedException(403, "access_denied",
            "Subjects cannot be removed: a stream of revocations tells of every subject. Disregard events that you have no use for.");
    }

    static async Task Check(HttpRequest request, string poolId, SsfAccess access, CancellationToken cancel)
    {
        var owner = await access.Check(request, poolId, cancel);
        var body = await SsfBody.Read(request, cancel);
        await access.Own(owner, poolId, body.Text("stream_id", 64), cancel);
        if (body.Find("subject") is not { ValueKind: JsonValueKind.Object } subject || SsfBody.Text(subject, "format", 64) is not { Length: > 0 })
            throw SsfBody.Bad("subject must be a subject identifier with a format (RFC 9493).");
        if (body.Find("verified") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) }) throw SsfBody.Bad("verified must be true or false.");
    }
}
