using System.Text.Json.Serialization;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SetUserMFAPreferenceRequest))]
[JsonSerializable(typeof(AdminSetUserMFAPreferenceRequest))]
[JsonSerializable(typeof(SetUserSettingsRequest))]
[JsonSerializable(typeof(AdminSetUserSettingsRequest))]
[JsonSerializable(typeof(AssociateSoftwareTokenRequest))]
[JsonSerializable(typeof(AssociateSoftwareTokenResponse))]
[JsonSerializable(typeof(VerifySoftwareTokenRequest))]
[JsonSerializable(typeof(VerifySoftwareTokenResponse))]
public sealed partial class MfaJson : JsonSerializerContext;
