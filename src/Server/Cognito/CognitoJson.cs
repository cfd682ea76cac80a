using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Poolhouse.Server.Cognito;

/// <summary>The reply of operations that answer an empty object.</summary>
public sealed record Nothing
{
    /// <summary>The one value.</summary>
    public static readonly Nothing Value = new();
}

/// <summary>The body of an error.</summary>
public sealed record ErrorBody([property: JsonPropertyName("__type")] string Type, [property: JsonPropertyName("message")] string Message);

/// <summary>The JSON of the protocol itself.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(ErrorBody))]
public sealed partial class ProtocolJson : JsonSerializerContext;

/// <summary>Reads request bodies strictly: what two parsers could read in two ways is refused.</summary>
static class CognitoJson
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
    static readonly byte[] EmptyObject = "{}"u8.ToArray();

    public static object Read(ReadOnlyMemory<byte> body, JsonTypeInfo type)
    {
        if (body.IsEmpty) body = EmptyObject;
        try
        {
            // The serializer overlooks members that are doubled but unknown to the record; the document does not.
            using var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw CognitoException.Serialization("The body must be a JSON object.");
            return document.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw CognitoException.Serialization(e.Path is { Length: > 1 and < 200 } path
                ? $"The value at {path} has the wrong type." : "The body is not well-formed JSON.");
        }
    }
}
