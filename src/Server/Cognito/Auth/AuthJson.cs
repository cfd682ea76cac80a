using System.Text.Json.Serialization;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InitiateAuthRequest))]
[JsonSerializable(typeof(AdminInitiateAuthRequest))]
[JsonSerializable(typeof(RespondToAuthChallengeRequest))]
[JsonSerializable(typeof(AdminRespondToAuthChallengeRequest))]
[JsonSerializable(typeof(AuthResponse))]
[JsonSerializable(typeof(InitiateAuthResponse))]
[JsonSerializable(typeof(GetUserAuthFactorsRequest))]
[JsonSerializable(typeof(AdminGetUserAuthFactorsRequest))]
[JsonSerializable(typeof(AuthFactorsResponse))]
[JsonSerializable(typeof(GetTokensFromRefreshTokenRequest))]
[JsonSerializable(typeof(GetTokensFromRefreshTokenResponse))]
[JsonSerializable(typeof(RevokeTokenRequest))]
public sealed partial class AuthJson : JsonSerializerContext;
