using System.Text.Json.Serialization;

namespace Poolhouse.Server.Cognito.ResourceServers;

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateResourceServerRequest))]
[JsonSerializable(typeof(DeleteResourceServerRequest))]
[JsonSerializable(typeof(DescribeResourceServerRequest))]
[JsonSerializable(typeof(UpdateResourceServerRequest))]
[JsonSerializable(typeof(ListResourceServersRequest))]
[JsonSerializable(typeof(ListResourceServersResponse))]
[JsonSerializable(typeof(ResourceServerResponse))]
public sealed partial class ResourceServersJson : JsonSerializerContext;
