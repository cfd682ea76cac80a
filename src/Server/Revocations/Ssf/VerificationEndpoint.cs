using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>POST /{poolId}/ssf/verification: asks for an event that proves the way to the receiver (SSF 1.0 §8.1.4.2).</summary>
static class VerificationEndpoint
{
    const int MostState = 1024;

    public static async Task<IResult> Handle(HttpContext context, string poolId, SsfAccess access, Database database, CancellationToken cancel)
    {
        var owner = await access.Check(context.Request, poolId, cancel);
        var body = await SsfBody.Read(context.Request, cancel);
        var stream = await access.Own(owner, poolId, body.Text("stream_id", 64), cancel);
        var (id, state) = (Ids.Uuid(), body.Text("state", MostState));
        if (await database.Write(tx => SsfStreamStore.Verify(tx, stream.Id, id, state))) return TypedResults.NoContent();
        context.Response.Headers.RetryAfter = "60";
        throw new FeedException(429, "too_many_requests", $"{SsfStreamStore.MostVerifications} verification events have not been acknowledged yet.");
    }
}
