using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>The webhook that text messages go to.</summary>
/// <param name="Url">Where every text message is posted as JSON ({"id", "kind", "pool", "to", "body"}); 2xx has taken it, 4xx other than 401, 403, 404, 408 and 429 is for good, anything else is tried again. Unset, no SMS is sent.</param>
/// <param name="Authorization">The value of the Authorization header, or the path of a file that holds it.</param>
public sealed record SmsOptions(string? Url = null, string? Authorization = null);

/// <summary>Posts text messages to a webhook: there is no protocol that every SMS service speaks, and a few lines turn this into any of theirs.</summary>
sealed class SmsCarrier : ICarrier, IDisposable
{
    readonly Egress egress;
    readonly Uri url;
    readonly string? authorization;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="FormatException">They cannot be used.</exception>
    public SmsCarrier(SmsOptions options, EgressRules rules)
    {
        rules = rules.OfOperator();
        if (!rules.TryRead(options.Url!, out url))
            throw new FormatException("Sms:Url must be an https URL; http, or an address that is not public, needs its network in Outbound:AllowPrivate.");
        authorization = SecretSetting.Read(options.Authorization);
        egress = new(rules);
    }

    public string Lane => MessageLane.Sms;

    public int AtOnce => 8;

    public async Task Carry(QueuedMessage message, OutgoingMessage content, CancellationToken cancel)
    {
        var body = JsonSerializer.Serialize(new(message.Id, content.Kind, content.Pool, content.To.Address, content.Text!.Body), SmsJson.Default.TextMessage);
        try
        {
            var status = (await egress.Post(url, body, MediaTypeNames.Application.Json, authorization, cancel)).Status;
            if (status is >= 200 and < 300) return;
            // Whoever must first be let in can be let in later: 401 and 403 are about us, not about the message.
            throw new UndeliveredException($"the webhook answered {status}") { Final = status is >= 400 and < 500 and not (401 or 403 or 404 or 408 or 429) };
        }
        catch (EgressException failed)
        {
            throw new UndeliveredException($"the webhook was not reached: {failed.Message}", failed);
        }
    }

    public void Dispose() => egress.Dispose();
}

/// <summary>A text message as the webhook gets it.</summary>
/// <param name="Id">The same at every try.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Pool">The user pool.</param>
/// <param name="To">The phone number, as +15550100.</param>
/// <param name="Body">The text.</param>
sealed record TextMessage(string Id, string Kind, string Pool, string To, string Body);

/// <summary>The JSON of the webhook.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TextMessage))]
sealed partial class SmsJson : JsonSerializerContext;
