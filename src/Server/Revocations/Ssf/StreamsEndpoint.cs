using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>/{poolId}/ssf/streams: making, reading, changing and deleting streams (SSF 1.0 §8.1.1).</summary>
static class StreamsEndpoint
{
    public static async Task<IResult> Create(HttpRequest request, string poolId, SsfAccess access, StreamSettings settings, Database database, CancellationToken cancel)
    {
        var owner = await access.Check(request, poolId, cancel);
        var body = await SsfBody.Read(request, cancel);
        var id = Ids.Uuid();
        var wanted = settings.All(body, poolId, id, before: null);
        switch (await database.Write(tx => SsfStreamStore.Create(tx, id, poolId, owner, wanted)))
        {
            case SsfCreation.TooMany: throw new FeedException(409, "too_many_streams", $"A client has at most {SsfStreamStore.MostPerClient} streams.");
            case SsfCreation.Gone: throw FeedException.NotFound(poolId);
        }
        return await Reply(await access.Own(owner, poolId, id, cancel), settings, StatusCodes.Status201Created, cancel);
    }

    public static async Task<IResult> Read(HttpRequest request, string poolId, SsfAccess access, StreamSettings settings, SsfStreamStore streams, CancellationToken cancel)
    {
        var owner = await access.Check(request, poolId, cancel);
        if (request.Query["stream_id"] is [{ } id, ..]) return await Reply(await access.Own(owner, poolId, id, cancel), settings, StatusCodes.Status200OK, cancel);
        var all = new List<StreamConfiguration>();
        foreach (var stream in await streams.List(poolId, owner, cancel)) all.Add(await settings.Show(stream, cancel));
        return TypedResults.Json(all, SsfJson.Default.ListStreamConfiguration);
    }

    public static async Task<IResult> Update(HttpRequest request, string poolId, SsfAccess access, StreamSettings settings, Database database, CancellationToken cancel)
    {
        var (stream, body) = await Addressed(request, poolId, access, settings, cancel);
        return await Change(database, stream, settings.Changed(body, poolId, stream.Id, stream.Settings), settings, cancel);
    }

    public static async Task<IResult> Replace(HttpRequest request, string poolId, SsfAccess access, StreamSettings settings, Database database, CancellationToken cancel)
    {
        var (stream, body) = await Addressed(request, poolId, access, settings, cancel);
        return await Change(database, stream, settings.All(body, poolId, stream.Id, stream.Settings), settings, cancel);
    }

    public static async Task<IResult> Delete(HttpRequest request, string poolId, SsfAccess access, Database database, CancellationToken cancel)
    {
        var stream = await access.Stream(request, poolId, request.Query["stream_id"], cancel);
        return await database.Write(tx => SsfStreamStore.Delete(tx, stream.Id)) ? TypedResults.NoContent() : throw SsfAccess.NotFound();
    }

    static async Task<(SsfStream Stream, SsfBody Body)> Addressed(HttpRequest request, string poolId, SsfAccess access, StreamSettings settings, CancellationToken cancel)
    {
        var owner = await access.Check(request, poolId, cancel);
        var body = await SsfBody.Read(request, cancel);
        var stream = await access.Own(owner, poolId, body.Text("stream_id", 64), cancel);
        await settings.CheckSupplied(body, stream, cancel);
        return (stream, body);
    }

    static async Task<IResult> Change(Database database, SsfStream stream, SsfSettings wanted, StreamSettings settings, CancellationToken cancel) =>
        await database.Write(tx => SsfStreamStore.Change(tx, stream.Id, wanted)) is { } changed
            ? await Reply(changed, settings, StatusCodes.Status200OK, cancel) : throw SsfAccess.NotFound();

    static async Task<IResult> Reply(SsfStream stream, StreamSettings settings, int status, CancellationToken cancel) =>
        TypedResults.Json(await settings.Show(stream, cancel), SsfJson.Default.StreamConfiguration, statusCode: status);
}
