using System.Text.Json.Serialization;
using Poolhouse.Core;
using Poolhouse.Server.Http;
using Poolhouse.Storage;
using static Poolhouse.Core.Refusal;

namespace Poolhouse.Server.OAuth;

/// <summary>The reply of a failed OAuth request.</summary>
public sealed record ErrorResponse(string Error, string? ErrorDescription = null);

/// <summary>From a reason to the OAuth wire: one arm for every refusal, and the filter that renders whatever goes wrong as JSON.</summary>
public sealed partial class OAuthErrors(ILogger<OAuthErrors> log)
{
    /// <summary>The wire form of a refusal.</summary>
    public static OAuthException Of(Refusal reason, string? about = null) => reason switch
    {
        ClientNotFound or ClientSecretWrong or SecretHashMissing or SecretHashWrong or PoolNotFound or GroupNotFound => OAuthException.InvalidClient(),
        FlowNotEnabled or SignUpNotPermitted => OAuthException.UnauthorizedClient(),
        RevocationDisabled => OAuthException.InvalidRequest(),
        TokenKindUnsupported => new("unsupported_token_type"),
        Overloaded or CodeRequestsExceeded or CodeAttemptsExceeded or LockedOut => new("temporarily_unavailable", null, 429),
        RefreshTokenExpired => OAuthException.InvalidGrant("Refresh Token has expired"),
        RefreshTokenRevoked => OAuthException.InvalidGrant("Refresh Token has been revoked"),
        RefreshTokenReused => OAuthException.InvalidGrant("Refresh Token has been used already"),
        RefreshTokenInvalid => OAuthException.InvalidGrant("Invalid Refresh Token"),
        AttributeUnreadable => OAuthException.InvalidGrant("The client may not read an attribute that a requested scope implies"),
        UserNotFound or UserDisabled or UserNotConfirmed or PasswordResetRequired or WrongPassword or TemporaryPasswordExpired
            or PasswordNotResettable or SecondFactorImpossible or FactorNotOffered or CustomAuthNotConfigured or DeviceNotFound =>
            OAuthException.InvalidGrant(),
        TriggerRefused => OAuthException.InvalidGrant(Printable(about)),
        // Clients end a session at invalid_grant: a function that is out of order must not sign anybody out.
        TriggerUnexpected or TriggerInvalid => new("temporarily_unavailable", Printable(about), 503),
        AccessTokenInvalid or AccessTokenExpired or AccessTokenRevoked or AccessTokenScope => new("invalid_token", null, 401),
        UsernameExists or AliasExists or UsernameFormat or PasswordPolicy or AttributesInvalid or AttributeNotWritable or AttributeRequired
            or AttributeAlreadyGiven or UserAlreadyConfirmed or UserConfirmedStatus or PasswordUsedBefore or CodeMismatch or CodeExpired or CodeUsed or
                SoftwareTokenOff or SoftwareTokenMissing or SoftwareTokenMismatch or CodeUndeliverable
            or NoVerifiedChannel or ChallengeInvalid or ChallengeSpent or ChallengeExpired => OAuthException.InvalidRequest(),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This refusal has no arm."),
    };

    /// <summary>Renders what a handler throws; an unknown exception is logged under an id and says nothing.</summary>
    public async ValueTask<object?> Render(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (OAuthException refused)
        {
            return Reply(refused);
        }
        catch (RefusedException refused)
        {
            return Reply(Of(refused.Reason, refused.Detail));
        }
        catch (PageException page)
        {
            // A domain prefix that is no pool's.
            return Reply(new("invalid_request", page.Message, page.Status));
        }
        catch (StorageException storage) when (storage is StorageFullException or StorageUnavailableException)
        {
            Unavailable(storage);
            context.HttpContext.Response.Headers.RetryAfter = "2";
            return Reply(new("temporarily_unavailable", null, 503));
        }
        catch (BadHttpRequestException bad)
        {
            return Reply(new("invalid_request", null, bad.StatusCode));
        }
        catch (Exception unknown) when (unknown is not OperationCanceledException)
        {
            var id = Ids.Uuid();
            Unknown(unknown, id);
            return Reply(new("server_error", $"Reference: {id}", 500));
        }
    }

    // RFC 6749 §5.2 has few characters for a description; a function may say anything.
    static string? Printable(string? text) =>
        text is null ? null : string.Concat(text.Select(character => character is < ' ' or > '~' ? '?' : character is '"' or '\\' ? '\'' : character));

    static OAuthReply<ErrorResponse> Reply(OAuthException refused) =>
        new(new(refused.Error, refused.Description), OAuthJson.Default.ErrorResponse, refused.Status);

    [LoggerMessage(2001, LogLevel.Error, "An OAuth request failed; reference {Id}")]
    partial void Unknown(Exception exception, string id);

    [LoggerMessage(2002, LogLevel.Warning, "An OAuth request found no database")]
    partial void Unavailable(Exception exception);
}

/// <summary>The JSON of the OAuth endpoints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(IntrospectionResponse))]
[JsonSerializable(typeof(DiscoveryDocument))]
[JsonSerializable(typeof(KeySet))]
[JsonSerializable(typeof(MissingPool))]
[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class OAuthJson : JsonSerializerContext;
