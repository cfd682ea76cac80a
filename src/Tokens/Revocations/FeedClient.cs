using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Poolhouse.Tokens.Revocations;

/// <summary>What the stream of a feed says: an entry, or a heartbeat, which proves that nothing was missed up to its time.</summary>
/// <param name="Position">Where the reader stands after it.</param>
/// <param name="Entry">The entry, or null for a heartbeat.</param>
/// <param name="Time">The server's time of the heartbeat in unix milliseconds; 0 for an entry.</param>
public readonly record struct FeedEvent(FeedPosition Position, Revocation? Entry, long Time);

/// <summary>The server can no longer tell what came after a position: a snapshot has to be fetched.</summary>
public sealed class FeedPositionGoneException() : Exception("The position is gone; a snapshot is needed.");

/// <summary>Speaks the wire form of the revocation feed (docs/reference/revocation-feed.md): one request each for a snapshot and a stream.</summary>
/// <param name="feed">The address of the feed: <c>https://id.example.com/us-east-1_Abc/revocations</c>.</param>
/// <param name="http">Sends the requests; its timeout must be infinite, since a stream has no end.</param>
/// <param name="accessToken">Gives an access token with the scope <c>poolhouse/revocations.read</c>, or null for a feed that is open.</param>
/// <param name="time">The clock by which a server has fallen silent.</param>
public sealed class FeedClient(Uri feed, HttpClient http, Func<CancellationToken, Task<string?>> accessToken, TimeProvider time)
{
    static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    // A heartbeat comes each second: who hears nothing for so long has no connection any more.
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    /// <summary>Fetches everything that still counts. The entries are of use only when the whole snapshot has come.</summary>
    /// <param name="entry">Called for each entry: kind, session id, or else client or pool id, and keep-until in unix seconds.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Where the stream goes on.</returns>
    /// <exception cref="TimeoutException">Nothing more came for four seconds.</exception>
    public async Task<FeedPosition> Snapshot(Action<RevocationKind, Guid, string?, long> entry, CancellationToken cancel)
    {
        using var reply = await Send("snapshot", cancel);
        await using var body = await reply.Content.ReadAsStreamAsync(cancel);
        using var silence = new CancellationTokenSource(Silence, time);
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        var count = 0;
        try
        {
            var header = new byte[RevocationSnapshot.HeaderLength];
            await body.ReadExactlyAsync(header, heard.Token);
            var (head, _) = RevocationSnapshot.ReadHeader(header);
            await RevocationSnapshot.ReadEntries(body, Told, heard.Token);
            return head;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The revocation snapshot has come to a halt.");
        }

        // A long one may take its time, as long as something comes.
        void Told(RevocationKind kind, Guid session, string? value, long keepUntil)
        {
            if (++count % 1024 == 0) silence.CancelAfter(Silence);
            entry(kind, session, value, keepUntil);
        }
    }

    /// <summary>Reads the stream from a position until the server ends it.</summary>
    /// <exception cref="FeedPositionGoneException">A snapshot has to be fetched first.</exception>
    /// <exception cref="TimeoutException">Nothing was heard for four seconds.</exception>
    public async IAsyncEnumerable<FeedEvent> Stream(FeedPosition since, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reply = await Send($"stream?since={since}", cancel);
        await using var body = await reply.Content.ReadAsStreamAsync(cancel);
        using var silence = new CancellationTokenSource(Silence, time);
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        await using var events = SseParser.Create(body, (_, data) => data.ToArray()).EnumerateAsync(heard.Token).GetAsyncEnumerator(heard.Token);
        while (await Next(events, cancel))
        {
            silence.CancelAfter(Silence);
            if (Read(events.Current) is { } one) yield return one;
        }
    }

    static async Task<bool> Next(IAsyncEnumerator<SseItem<byte[]>> events, CancellationToken cancel)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The revocation feed has fallen silent.");
        }
    }

    // Events of a kind that is not known yet are left to readers that know them.
    static FeedEvent? Read(SseItem<byte[]> item)
    {
        if (item.EventType is not ("revoked" or "heartbeat")) return null;
        if (!FeedPosition.TryParse(item.EventId, out var position)) throw new InvalidDataException("An event of the revocation feed has no position.");
        var data = new Utf8JsonReader(item.Data);
        var json = JsonElement.ParseValue(ref data);
        if (item.EventType == "heartbeat") return new(position, null, json.GetProperty("time").GetInt64());
        var kind = json.GetProperty("kind").GetString() switch
        {
            "session" => RevocationKind.Session,
            "client" => RevocationKind.Client,
            "pool" => RevocationKind.Pool,
            // Whoever does not understand a revocation cannot claim to know what is revoked.
            var other => throw new InvalidDataException($"The revocation feed tells of a kind that is not known here: {other}."),
        };
        return new(position, new Revocation(position.Seq, kind, json.GetProperty("value").GetString()!, json.GetProperty("keep_until").GetInt64()), 0);
    }

    async Task<HttpResponseMessage> Send(string path, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(AnswerTime, time);
        using var answers = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{feed.AbsoluteUri.TrimEnd('/')}/{path}"));
        if (await accessToken(answers.Token) is { } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, answers.Token);
        if (reply.IsSuccessStatusCode) return reply;
        reply.Dispose();
        if (reply.StatusCode == HttpStatusCode.Gone) throw new FeedPositionGoneException();
        throw new HttpRequestException($"The revocation feed answers {(int)reply.StatusCode}.", null, reply.StatusCode);
    }
}
