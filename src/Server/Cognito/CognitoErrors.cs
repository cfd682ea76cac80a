using Poolhouse.Core;
using Poolhouse.Server.Http;
using static Poolhouse.Core.Refusal;

namespace Poolhouse.Server.Cognito;

/// <summary>An error in the words of this surface.</summary>
public readonly record struct WireError(string Type, string Message);

/// <summary>From a reason to the wire: one arm for every refusal, in the texts that clients of the service match on.</summary>
public static class CognitoErrors
{
    const string Generic = "Incorrect username or password.";

    /// <summary>The wire form of a refusal.</summary>
    public static WireError Of(Refusal reason, string? about) => reason switch
    {
        PoolNotFound => new("ResourceNotFoundException", $"User pool {about} does not exist."),
        ClientNotFound => new("ResourceNotFoundException", $"User pool client {about} does not exist."),
        GroupNotFound => new("ResourceNotFoundException", "Group not found."),
        SecretHashMissing => new("NotAuthorizedException", $"Client {about} is configured with secret but SECRET_HASH was not received"),
        SecretHashWrong => new("NotAuthorizedException", $"Unable to verify secret hash for client {about}"),
        ClientSecretWrong => new("NotAuthorizedException", $"Unable to verify secret for client {about}"),
        FlowNotEnabled => new("InvalidParameterException", about is null ? "Auth flow not enabled for this client" : $"{about} flow not enabled for this client"),
        SignUpNotPermitted => new("NotAuthorizedException", "SignUp is not permitted for this user pool"),
        RevocationDisabled => new("UnsupportedOperationException", "Token revocation is not enabled for this client"),
        _ => OfUser(reason, about),
    };

    static WireError OfUser(Refusal reason, string? about) => reason switch
    {
        UserNotFound => new("UserNotFoundException", "User does not exist."),
        WrongPassword => new("NotAuthorizedException", Generic),
        LockedOut => new("NotAuthorizedException", "Password attempts exceeded"),
        UserDisabled => new("NotAuthorizedException", "User is disabled."),
        UserNotConfirmed => new("UserNotConfirmedException", "User is not confirmed."),
        PasswordResetRequired => new("PasswordResetRequiredException", "Password reset required for the user"),
        TemporaryPasswordExpired => new("NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."),
        SecondFactorImpossible => new("InvalidParameterException", "MFA is required, and this user has no factor that the user pool allows."),
        FactorNotOffered => new("InvalidParameterException", $"The factor {about} is not available to this user."),
        CustomAuthNotConfigured => new("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."),
        DeviceNotFound => new("ResourceNotFoundException", "Device does not exist."),
        PasswordNotResettable => new("NotAuthorizedException", "User password cannot be reset in the current state."),
        Overloaded => new("TooManyRequestsException", "Too many requests"),
        UsernameExists => new("UsernameExistsException", about is null ? "User already exists" : $"An account with the given {about} already exists."),
        AliasExists => new("AliasExistsException", $"An account with the {about ?? "given value"} already exists."),
        UsernameFormat => new("InvalidParameterException", about ?? "Username should be either an email or a phone number."),
        PasswordPolicy => new("InvalidPasswordException", $"Password did not conform with policy: {about}"),
        PasswordUsedBefore => new("PasswordHistoryPolicyViolationException", "Password has previously been used"),
        AttributesInvalid => new("InvalidParameterException", $"Attributes did not conform to the schema: {about}"),
        AttributeNotWritable => new("NotAuthorizedException", "A client attempted to write unauthorized attribute"),
        AttributeRequired => new("InvalidParameterException", $"Invalid attributes given, {about} is missing"),
        AttributeAlreadyGiven => new("NotAuthorizedException", $"Cannot modify an already provided {about}"),
        UserAlreadyConfirmed => new("InvalidParameterException", "User is already confirmed."),
        UserConfirmedStatus => new("NotAuthorizedException", $"User cannot be confirmed. Current status is {about ?? "CONFIRMED"}"),
        _ => OfCode(reason, about),
    };

    static WireError OfCode(Refusal reason, string? about) => reason switch
    {
        CodeMismatch => new("CodeMismatchException",
            about == Core.Users.Factor.Totp ? "Invalid code received for user" : "Invalid verification code provided, please try again."),
        CodeUsed => new("ExpiredCodeException", "Your software token has already been used once."),
        SoftwareTokenOff => new("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool"),
        SoftwareTokenMissing => new("InvalidParameterException", "User has not verified software token mfa"),
        SoftwareTokenMismatch => new("EnableSoftwareTokenMFAException", "Code mismatch"),
        CodeExpired => new("ExpiredCodeException", "Invalid code provided, please request a code again."),
        CodeAttemptsExceeded => new("TooManyFailedAttemptsException", "Attempt limit exceeded, please try after some time."),
        CodeRequestsExceeded => new("LimitExceededException", "Attempt limit exceeded, please try after some time."),
        CodeUndeliverable => new("CodeDeliveryFailureException", "The code could not be delivered."),
        NoVerifiedChannel => new("InvalidParameterException",
            "Cannot reset password for the user as there is no registered/verified email or phone_number"),
        ChallengeInvalid => new("NotAuthorizedException", "Invalid session for the user."),
        ChallengeSpent => new("NotAuthorizedException", "Invalid session for the user, session can only be used once."),
        ChallengeExpired => new("NotAuthorizedException", "Invalid session for the user, session is expired."),
        _ => OfToken(reason, about),
    };

    static WireError OfToken(Refusal reason, string? about) => reason switch
    {
        RefreshTokenInvalid => new("NotAuthorizedException", "Invalid Refresh Token"),
        RefreshTokenExpired => new("NotAuthorizedException", "Refresh Token has expired"),
        RefreshTokenRevoked => new("NotAuthorizedException", "Refresh Token has been revoked"),
        RefreshTokenReused => new("RefreshTokenReuseException", "Refresh token has already been used"),
        TokenKindUnsupported => new("UnsupportedTokenTypeException", "Unsupported token type"),
        AccessTokenInvalid => new("NotAuthorizedException", "Invalid Access Token"),
        AccessTokenExpired => new("NotAuthorizedException", "Access Token has expired"),
        AccessTokenRevoked => new("NotAuthorizedException", "Access Token has been revoked"),
        AccessTokenScope => new("NotAuthorizedException", "Access Token does not have required scopes"),
        AttributeUnreadable => new("NotAuthorizedException", $"A client attempted to read unauthorized attribute{(about is null ? "" : $" {about}")}"),
        _ => OfTrigger(reason, about),
    };

    static WireError OfTrigger(Refusal reason, string? about) => reason switch
    {
        TriggerRefused => new("UserLambdaValidationException", about ?? "The function failed."),
        TriggerUnexpected => new("UnexpectedLambdaException", about ?? "The function could not be called."),
        TriggerInvalid => new("InvalidLambdaResponseException", about ?? "Unrecognizable lambda output"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This refusal has no arm."),
    };

    /// <summary>The wire form of a refused signature.</summary>
    public static WireError Of(SignatureFault fault, string? about) => fault switch
    {
        SignatureFault.Missing => new("MissingAuthenticationTokenException", "Missing Authentication Token"),
        SignatureFault.Malformed => new("IncompleteSignatureException", "The request signature does not conform to AWS standards."),
        SignatureFault.OutOfTime => new("InvalidSignatureException", $"Signature expired: {about} differs by more than 5 min. from the time of the server."),
        SignatureFault.ForeignScope => new("InvalidSignatureException", "Credential should be scoped to a valid region, service and day."),
        SignatureFault.HeaderNotSigned => new("InvalidSignatureException", $"'{about}' must be a signed header."),
        SignatureFault.PayloadNotSigned => new("InvalidSignatureException", "The payload must be signed."),
        SignatureFault.UnknownKey => new("UnrecognizedClientException", "The security token included in the request is invalid."),
        SignatureFault.Mismatch => new("InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "This fault has no arm."),
    };
}
