using System.Text.Json.Serialization;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>The transmitter's configuration metadata (SSF 1.0 §7.1).</summary>
public sealed record TransmitterMetadata(
    string SpecVersion, string Issuer, string JwksUri, string[] DeliveryMethodsSupported, string ConfigurationEndpoint, string StatusEndpoint,
    string AddSubjectEndpoint, string RemoveSubjectEndpoint, string VerificationEndpoint, string[] CriticalSubjectMembers,
    AuthorizationScheme[] AuthorizationSchemes, string DefaultSubjects);

/// <summary>How calls of the management API are authorized.</summary>
public sealed record AuthorizationScheme(string SpecUrn);

/// <summary>A stream as its receiver sees it (SSF 1.0 §8.1.1). The Authorization header of pushes is never shown again.</summary>
public sealed record StreamConfiguration(
    string StreamId, string Iss, string Aud, StreamDelivery Delivery, string[] EventsSupported, string[]? EventsRequested, string[] EventsDelivered,
    string? Description, long? InactivityTimeout);

/// <summary>How events are delivered over a stream.</summary>
public sealed record StreamDelivery(string Method, string EndpointUrl);

/// <summary>The status of a stream (SSF 1.0 §8.1.2).</summary>
public sealed record StreamState(string StreamId, string Status, string? Reason);

/// <summary>What a poll yields (RFC 8936 §2.5): tokens by their jti.</summary>
public sealed record PolledSets(Dictionary<string, string> Sets, [property: JsonPropertyName("moreAvailable")] bool MoreAvailable);

/// <summary>The JSON of this room.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TransmitterMetadata))]
[JsonSerializable(typeof(StreamConfiguration))]
[JsonSerializable(typeof(List<StreamConfiguration>))]
[JsonSerializable(typeof(StreamState))]
[JsonSerializable(typeof(PolledSets))]
sealed partial class SsfJson : JsonSerializerContext;
