using System.Net;
using System.Text.Json.Serialization;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito;

/// <summary>What calls about sign-in may carry along: data for triggers and for analytics.</summary>
public abstract record CallMetadata
{
    public AnalyticsMetadata? AnalyticsMetadata { get; init; }

    [Text(On = Part.Each), Text(On = Part.Keys)]
    public IReadOnlyDictionary<string, string>? ClientMetadata { get; init; }
}

/// <summary>The analytics endpoint of a call; taken and not used.</summary>
public sealed record AnalyticsMetadata([Text] string? AnalyticsEndpointId = null);

/// <summary>What an app says of its user's device.</summary>
public sealed record UserContextData([Text] string? IpAddress = null, [Text] string? EncodedData = null)
{
    /// <summary>
    /// The address that throttles count: the one that the app names only if the client was told to propagate it and proves
    /// itself by a secret, or anybody could put failures on somebody else's account.
    /// </summary>
    public static IPAddress? Address(UserContextData? context, AppClient client, IPAddress? connection) =>
        client is { IsConfidential: true, Settings.EnablePropagateAdditionalUserContextData: true } && IPAddress.TryParse(context?.IpAddress, out var named)
            ? named : connection;
}

/// <summary>What a backend says of the user on whose behalf it calls.</summary>
public sealed record ContextData(
    [Text] string IpAddress, [Text] string ServerName, [Text] string ServerPath, IReadOnlyList<HttpHeader> HttpHeaders, [Text] string? EncodedData = null)
{
    /// <summary>The user's address, or null: the backend's own says nothing about who guesses.</summary>
    public static IPAddress? Address(ContextData? context) => IPAddress.TryParse(context?.IpAddress, out var named) ? named : null;
}

/// <summary>One header of the request that a backend acts upon.</summary>
public sealed record HttpHeader(
    [Text] [property: JsonPropertyName("headerName")] string? HeaderName = null,
    [Text] [property: JsonPropertyName("headerValue")] string? HeaderValue = null);
