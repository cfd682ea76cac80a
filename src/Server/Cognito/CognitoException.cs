namespace Poolhouse.Server.Cognito;

/// <summary>A refusal that only this surface has, in its wire form.</summary>
/// <param name="type">The __type.</param>
/// <param name="message">The message; never a secret.</param>
public sealed class CognitoException(string type, string message) : Exception(message)
{
    /// <summary>The __type on the wire.</summary>
    public string Type { get; } = type;

    public static CognitoException InvalidParameter(string message) => new("InvalidParameterException", message);

    public static CognitoException NotFound(string message) => new("ResourceNotFoundException", message);

    public static CognitoException NotAuthorized(string message) => new("NotAuthorizedException", message);

    public static CognitoException LimitExceeded(string message) => new("LimitExceededException", message);

    public static CognitoException Serialization(string message) => new("SerializationException", message);

    public static CognitoException ConcurrentModification(string what) =>
        new("ConcurrentModificationException", $"{what} was changed by another request at the same time; try again.");

    public static CognitoException AccessDenied(string keyId, string operation, string? poolId) =>
        new("AccessDeniedException", $"User: {keyId} is not authorized to perform: cognito-idp:{operation} on resource: {poolId ?? "*"}");
}
