using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;

namespace Poolhouse.Storage;

/// <summary>The documents that are stored as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PoolDefinition))]
[JsonSerializable(typeof(PoolMfa))]
[JsonSerializable(typeof(List<SchemaAttribute>))]
[JsonSerializable(typeof(ClientSettings))]
[JsonSerializable(typeof(DomainSettings))]
[JsonSerializable(typeof(List<ResourceServerScope>))]
sealed partial class StoredJson : JsonSerializerContext
{
    /// <summary>The document's text. The type is the stored one: what a request adds to it does not reach the database.</summary>
    public static string Write<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.Serialize(document, type);

    public static T Read<T>(string text, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(text, type)!;
}
