using System.Text.Json.Serialization;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateUserPoolRequest))]
[JsonSerializable(typeof(DescribeUserPoolRequest))]
[JsonSerializable(typeof(UpdateUserPoolRequest))]
[JsonSerializable(typeof(DeleteUserPoolRequest))]
[JsonSerializable(typeof(ListUserPoolsRequest))]
[JsonSerializable(typeof(ListUserPoolsResponse))]
[JsonSerializable(typeof(AddCustomAttributesRequest))]
[JsonSerializable(typeof(UserPoolResponse))]
[JsonSerializable(typeof(CreateUserPoolDomainRequest))]
[JsonSerializable(typeof(UpdateUserPoolDomainRequest))]
[JsonSerializable(typeof(DeleteUserPoolDomainRequest))]
[JsonSerializable(typeof(DescribeUserPoolDomainRequest))]
[JsonSerializable(typeof(DescribeUserPoolDomainResponse))]
[JsonSerializable(typeof(UserPoolDomainResponse))]
[JsonSerializable(typeof(GetUserPoolMfaConfigRequest))]
[JsonSerializable(typeof(SetUserPoolMfaConfigRequest))]
[JsonSerializable(typeof(MfaConfig))]
[JsonSerializable(typeof(TagResourceRequest))]
[JsonSerializable(typeof(UntagResourceRequest))]
[JsonSerializable(typeof(ListTagsForResourceRequest))]
[JsonSerializable(typeof(ListTagsForResourceResponse))]
[JsonSerializable(typeof(GetSigningCertificateRequest))]
[JsonSerializable(typeof(GetSigningCertificateResponse))]
public sealed partial class PoolsJson : JsonSerializerContext;
