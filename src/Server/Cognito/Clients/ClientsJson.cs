using System.Text.Json.Serialization;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateUserPoolClientRequest))]
[JsonSerializable(typeof(DescribeUserPoolClientRequest))]
[JsonSerializable(typeof(UpdateUserPoolClientRequest))]
[JsonSerializable(typeof(DeleteUserPoolClientRequest))]
[JsonSerializable(typeof(ListUserPoolClientsRequest))]
[JsonSerializable(typeof(ListUserPoolClientsResponse))]
[JsonSerializable(typeof(UserPoolClientResponse))]
[JsonSerializable(typeof(AddUserPoolClientSecretRequest))]
[JsonSerializable(typeof(AddUserPoolClientSecretResponse))]
[JsonSerializable(typeof(DeleteUserPoolClientSecretRequest))]
[JsonSerializable(typeof(ListUserPoolClientSecretsRequest))]
[JsonSerializable(typeof(ListUserPoolClientSecretsResponse))]
public sealed partial class ClientsJson : JsonSerializerContext;
