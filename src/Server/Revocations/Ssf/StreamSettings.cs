using System.Text.Json;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>Reads what a receiver wants of a stream, and shows what it got.</summary>
sealed class StreamSettings(PoolStore pools, ServerOptions server, SsfUrls urls, EgressRules egress, SsfStreamStore streams)
{
    const int MostEvents = 50;
    const int MostEvent = 256;
    const int MostDescription = 1024;
    const int MostHeader = 4096;

    static readonly string[] Supplied = ["iss", "aud", "events_supported", "events_delivered", "inactivity_timeout"];

    /// <summary>The configuration as its receiver sees it.</summary>
    public async Task<StreamConfiguration> Show(SsfStream stream, CancellationToken cancel)
    {
        var pool = await pools.Find(stream.PoolId, cancel) ?? throw FeedException.NotFound(stream.PoolId);
        var settings = stream.Settings;
        return new(
            stream.Id, server.IssuerOf(pool), urls.Audience(stream),
            settings.Method == SsfMethod.Push ? new(SsfUrls.Push, settings.EndpointUrl!) : new(SsfUrls.Poll, urls.PollOf(stream.PoolId, stream.Id)),
            SsfUrls.Events, settings.EventsRequested?.Split(' ', StringSplitOptions.RemoveEmptyEntries), settings.Wants ? SsfUrls.Events : [], settings.Description,
            // Pushes that arrive keep a stream alive, whoever is silent otherwise.
            settings.Method == SsfMethod.Poll ? (long)SsfStreamStore.Inactivity.TotalSeconds : null);
    }

    /// <summary>What the transmitter has supplied may be sent along, but must be as it is (SSF 1.0 §8.1.1.3).</summary>
    public async Task CheckSupplied(SsfBody body, SsfStream stream, CancellationToken cancel)
    {
        var shown = JsonSerializer.SerializeToElement(await Show(stream, cancel), SsfJson.Default.StreamConfiguration);
        foreach (var name in Supplied.Where(name => body.Find(name) is { } given && !(shown.TryGetProperty(name, out var own) && JsonElement.DeepEquals(given, own))))
            throw SsfBody.Bad($"{name} is the transmitter's to say, and it is another.");
    }

    /// <summary>Everything from the body; what is missing is as in a new stream.</summary>
    /// <param name="before">The stream's settings until now; of these only the header of an unchanged push address is kept.</param>
    public SsfSettings All(SsfBody body, string poolId, string streamId, SsfSettings? before) => Changed(
        body, poolId, streamId, new(SsfMethod.Poll, before?.EndpointUrl, before?.SealedHeader, EventsRequested: null, Wants: true, Description: null), wholly: true);

    /// <summary>What the body has; the rest stays.</summary>
    public SsfSettings Changed(SsfBody body, string poolId, string streamId, SsfSettings before, bool wholly = false)
    {
        var settings = before;
        if (wholly || body.Has("delivery")) settings = Delivery(body.Find("delivery"), poolId, streamId, settings);
        if (body.Has("events_requested")) settings = Requested(body.Find("events_requested"), settings);
        if (body.Has("description")) settings = settings with { Description = body.Text("description", MostDescription) };
        return settings;
    }

    SsfSettings Delivery(JsonElement? delivery, string poolId, string streamId, SsfSettings before)
    {
        // SSF 1.0 §8.1.1.1: no delivery means poll.
        var poll = before with { Method = SsfMethod.Poll, EndpointUrl = null, SealedHeader = null };
        if (delivery is not { } given) return poll;
        if (given.ValueKind != JsonValueKind.Object) throw SsfBody.Bad("delivery must be an object.");
        var (method, url) = (SsfBody.Text(given, "method", MostEvent), SsfBody.Text(given, "endpoint_url", 2048));
        if (method == SsfUrls.Poll)
            return url is null || url == urls.PollOf(poolId, streamId) ? poll : throw SsfBody.Bad("The endpoint_url of polls is the transmitter's to say.");
        if (method != SsfUrls.Push) throw SsfBody.Bad($"delivery.method must be {SsfUrls.Push} or {SsfUrls.Poll}.");
        if (url is null || !egress.TryRead(url, out _))
            throw SsfBody.Bad("delivery.endpoint_url must be an https URL of a host that this server may call, without user info and fragment.");
        return before with { Method = SsfMethod.Push, EndpointUrl = url, SealedHeader = Header(given, url, streamId, before) };
    }

    // It is never shown, so who reads a configuration and sends it back would lose it: it stays for as long as the address does.
    byte[]? Header(JsonElement delivery, string url, string streamId, SsfSettings before)
    {
        if (!delivery.TryGetProperty("authorization_header", out _)) return before.EndpointUrl == url ? before.SealedHeader : null;
        if (SsfBody.Text(delivery, "authorization_header", MostHeader) is not { Length: > 0 } header) return null;
        if (header.Any(character => character is < ' ' or > '~')) throw SsfBody.Bad("delivery.authorization_header must be a header value in ASCII.");
        return streams.Seal(streamId, url, header);
    }

    static SsfSettings Requested(JsonElement? requested, SsfSettings settings)
    {
        if (requested is not { } list) return settings with { EventsRequested = null, Wants = true };
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostEvents) throw SsfBody.Bad($"events_requested must be an array of at most {MostEvents} URIs.");
        var events = list.EnumerateArray().Select(item => SsfBody.Value(item, "An event type", MostEvent)).ToList();
        if (events.Exists(uri => uri.Length == 0 || uri.Any(char.IsWhiteSpace))) throw SsfBody.Bad("events_requested must hold URIs.");
        return settings with { EventsRequested = string.Join(' ', events), Wants = events.Contains(SecurityEventMinter.SessionRevokedType) };
    }
}
