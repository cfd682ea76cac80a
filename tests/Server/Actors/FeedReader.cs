using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>One event of the stream.</summary>
public sealed record FeedEvent(string Id, string Name, string Text)
{
    public JsonObject Data => JsonNode.Parse(Text)!.AsObject();

    public FeedPosition Position => FeedPosition.TryParse(Id, out var position) ? position : throw new InvalidDataException($"The id of an event is {Id}.");

    public string? Value => (string?)Data["value"];

    public long Time => (long)Data["time"]!;
}

/// <summary>Somebody who reads the revocation feed of a pool over a connection of its own.</summary>
public sealed class FeedReader : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly HttpClient http;
    readonly StreamReader? body;

    FeedReader(HttpClient http, HttpResponseMessage reply, StreamReader? body, JsonObject refusal) =>
        (this.http, Reply, this.body, Refusal) = (http, reply, body, refusal);

    public HttpResponseMessage Reply { get; }

    public int Status => (int)Reply.StatusCode;

    /// <summary>What a refused request was told.</summary>
    public JsonObject Refusal { get; }

    /// <summary>Asks for the stream; it is open, or refused, when this returns.</summary>
    public static async Task<FeedReader> Open(PoolhouseTestServer server, string pool, string? since = null, string? lastEventId = null, string? token = null)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ResponseDrainTimeout = TimeSpan.Zero }) { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Url}/{pool}/revocations/stream{(since is null ? "" : $"?since={Uri.EscapeDataString(since)}")}");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (reply.StatusCode == HttpStatusCode.OK) return new(http, reply, new(await reply.Content.ReadAsStreamAsync()), []);
        return new(http, reply, null, JsonNode.Parse(await reply.Content.ReadAsStringAsync())!.AsObject());
    }

    /// <summary>The next event; null when the stream has ended as it should. One that breaks off throws.</summary>
    public async Task<FeedEvent?> Next()
    {
        using var late = new CancellationTokenSource(Patience);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await body!.ReadLineAsync(late.Token) is { } line)
        {
            if (line.Split(": ", 2) is [var name, var value]) fields[name] = value;
            else if (fields.TryGetValue("data", out var data)) return new(fields["id"], fields["event"], data);
        }
        return null;
    }

    /// <summary>The next event of a kind: "revoked" or "heartbeat".</summary>
    public async Task<FeedEvent> Next(string name)
    {
        while (await Next() is { } one)
            if (one.Name == name) return one;
        throw new EndOfStreamException($"The stream ended before a {name} came.");
    }

    /// <summary>The next heartbeat of a server whose clock the test moves.</summary>
    public async Task<FeedEvent> Beat(FakeTimeProvider clock)
    {
        var beat = Next("heartbeat");
        for (; !beat.IsCompleted; await Task.Delay(10)) clock.Advance(TimeSpan.FromSeconds(1));
        return await beat;
    }

    /// <summary>The next revocations, as many as are asked for.</summary>
    public async Task<List<FeedEvent>> Revoked(int count)
    {
        var events = new List<FeedEvent>(count);
        while (events.Count < count) events.Add(await Next("revoked"));
        return events;
    }

    /// <summary>Reads on until the stream ends as it should.</summary>
    public async Task<List<FeedEvent>> ToTheEnd()
    {
        var events = new List<FeedEvent>();
        while (await Next() is { } one) events.Add(one);
        return events;
    }

    public ValueTask DisposeAsync()
    {
        Reply.Dispose();
        http.Dispose();
        return default;
    }

    /// <summary>The numbers of events, each of which must follow the one before.</summary>
    public static IEnumerable<long> Numbers(IEnumerable<FeedEvent> events) => events.Select(one => one.Position.Seq);

    public static IEnumerable<long> From(long first, int count) => Enumerable.Range(0, count).Select(step => first + step);

    public static string At(string epoch, long seq) => string.Create(CultureInfo.InvariantCulture, $"{epoch}:{seq}");
}
