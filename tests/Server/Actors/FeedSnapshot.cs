using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A snapshot of the feed as a reader has it.</summary>
public sealed record FeedSnapshot(int Status, string? Tag, FeedPosition Head, long Time, IReadOnlyList<(RevocationKind Kind, string Value, long KeepUntil)> Entries)
{
    public IEnumerable<string> Values => Entries.Select(entry => entry.Value);

    public static async Task<FeedSnapshot> Read(PoolhouseTestServer server, string pool, string? tag = null, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Url}/{pool}/revocations/snapshot");
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        using var reply = await server.Http.SendAsync(request);
        var none = new FeedSnapshot((int)reply.StatusCode, reply.Headers.ETag?.ToString(), default, 0, []);
        if (none.Status != 200) return none;

        await using var body = await reply.Content.ReadAsStreamAsync();
        var header = new byte[RevocationSnapshot.HeaderLength];
        await body.ReadExactlyAsync(header);
        var (head, time) = RevocationSnapshot.ReadHeader(header);
        var entries = new List<(RevocationKind, string, long)>();
        await RevocationSnapshot.ReadEntries(body, (kind, id, value, keepUntil) => entries.Add((kind, value ?? id.ToString(), keepUntil)), default);
        return none with { Head = head, Time = time, Entries = entries };
    }
}
