using System.Text.Json.Serialization;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>What a function gets: these members in this order, the response filled with what holds if it changes nothing.</summary>
sealed record TriggerEvent<TRequest, TAnswer>(
    string Version, string Region, string UserPoolId, string UserName, CallerContext CallerContext, string TriggerSource, TRequest Request, TAnswer Response);

/// <summary>Who caused the event.</summary>
sealed record CallerContext(string AwsSdkVersion, string ClientId);

/// <summary>The answer of triggers that can only refuse.</summary>
sealed record NoAnswer;

/// <summary>Asks whether somebody may sign up.</summary>
sealed record PreSignUpRequest(
    IReadOnlyDictionary<string, string> UserAttributes, IReadOnlyDictionary<string, string>? ValidationData,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>What a function says of a sign-up.</summary>
sealed record PreSignUpFlags(bool? AutoConfirmUser, bool? AutoVerifyEmail, bool? AutoVerifyPhone);

/// <summary>Tells of a user who was confirmed.</summary>
sealed record PostConfirmationRequest(
    IReadOnlyDictionary<string, string> UserAttributes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>Asks whether somebody may try to sign in.</summary>
sealed record PreAuthenticationRequest(IReadOnlyDictionary<string, string> UserAttributes, IReadOnlyDictionary<string, string>? ValidationData, bool UserNotFound);

/// <summary>Tells of a user who has signed in.</summary>
sealed record PostAuthenticationRequest(
    IReadOnlyDictionary<string, string> UserAttributes, bool NewDeviceUsed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>Asks what the next challenge of a sign-in is.</summary>
sealed record DefineRequest(
    IReadOnlyDictionary<string, string> UserAttributes, IReadOnlyList<ChallengeRound> Session,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata, bool UserNotFound);

/// <summary>What a function says comes next.</summary>
sealed record DefineAnswer(string? ChallengeName, bool? IssueTokens, bool? FailAuthentication);

/// <summary>Asks for a challenge.</summary>
sealed record CreateRequest(
    IReadOnlyDictionary<string, string> UserAttributes, string ChallengeName, IReadOnlyList<ChallengeRound> Session,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata, bool UserNotFound);

/// <summary>A challenge that a function made.</summary>
sealed record CreateAnswer(
    IReadOnlyDictionary<string, string?>? PublicChallengeParameters, IReadOnlyDictionary<string, string?>? PrivateChallengeParameters, string? ChallengeMetadata);

/// <summary>Asks whether an answer to a challenge is right.</summary>
sealed record VerifyRequest(
    IReadOnlyDictionary<string, string> UserAttributes, IReadOnlyDictionary<string, string> PrivateChallengeParameters, string ChallengeAnswer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata, bool UserNotFound);

/// <summary>What a function says of an answer.</summary>
sealed record VerifyAnswer(bool? AnswerCorrect);

/// <summary>Asks for a user of another system.</summary>
sealed record MigrationRequest(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Password, IReadOnlyDictionary<string, string>? ValidationData,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>A user whom a function has found elsewhere.</summary>
sealed record MigrationAnswer(
    IReadOnlyDictionary<string, string?>? UserAttributes, bool? ForceAliasCreation, [property: JsonPropertyName("enableSMSMFA")] bool? EnableSmsMfa,
    string? FinalUserStatus, string? MessageAction, IReadOnlyList<string>? DesiredDeliveryMediums);

/// <summary>Asks for the text of a message.</summary>
sealed record CustomMessageRequest(
    IReadOnlyDictionary<string, string> UserAttributes, string CodeParameter, string LinkParameter, string? UsernameParameter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>The text that a function wants.</summary>
sealed record CustomMessageAnswer(string? SmsMessage, string? EmailMessage, string? EmailSubject)
{
    const int MostSms = 140;
    const int MostEmail = 20_000;
    const int MostSubject = 140;

    // As long as the longest code that takes its place; a temporary password counts as it stands there.
    const int CodeLength = 6;

    /// <summary>The text that is sent: of this answer what it says, of the usual one what it leaves open. Null if a code would be lost, or it is too long.</summary>
    public MessageText? Text(MessageKind kind, string medium, MessageText usual)
    {
        var said = medium == "SMS" ? SmsMessage : EmailMessage;
        var text = usual with { Subject = medium == "SMS" ? null : EmailSubject ?? usual.Subject, Body = said ?? usual.Body };
        var length = text.Body.Replace(MessageText.CodePlace, new string('0', CodeLength), StringComparison.Ordinal).Length;
        return text.CarriesCode
            && (kind != MessageKind.AdminCreateUser || text.Body.Contains(MessageText.NamePlace, StringComparison.Ordinal))
            && length <= (medium == "SMS" ? MostSms : MostEmail) && (text.Subject?.Length ?? 0) <= MostSubject
            && text.Subject?.AsSpan().ContainsAny('\r', '\n') != true ? text : null;
    }
}

/// <summary>Hands a code over to whoever sends it.</summary>
sealed record SenderRequest(
    string Type, string? Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata,
    IReadOnlyDictionary<string, string> UserAttributes);

/// <summary>The JSON of the triggers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TriggerEvent<PreSignUpRequest, PreSignUpFlags>))]
[JsonSerializable(typeof(TriggerEvent<PostConfirmationRequest, NoAnswer>))]
[JsonSerializable(typeof(TriggerEvent<PreAuthenticationRequest, NoAnswer>))]
[JsonSerializable(typeof(TriggerEvent<PostAuthenticationRequest, NoAnswer>))]
[JsonSerializable(typeof(TriggerEvent<DefineRequest, DefineAnswer>))]
[JsonSerializable(typeof(TriggerEvent<CreateRequest, CreateAnswer>))]
[JsonSerializable(typeof(TriggerEvent<VerifyRequest, VerifyAnswer>))]
[JsonSerializable(typeof(TriggerEvent<MigrationRequest, MigrationAnswer>))]
[JsonSerializable(typeof(TriggerEvent<CustomMessageRequest, CustomMessageAnswer>))]
[JsonSerializable(typeof(TriggerEvent<SenderRequest, NoAnswer>))]
[JsonSerializable(typeof(TriggerEvent<TokenRequestV1, TokenAnswerV1>))]
[JsonSerializable(typeof(TriggerEvent<TokenRequestV2, TokenAnswerV2>))]
sealed partial class TriggerJson : JsonSerializerContext;
