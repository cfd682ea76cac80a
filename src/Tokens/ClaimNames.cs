namespace Poolhouse.Tokens;

/// <summary>The claims of Cognito's tokens that verifiers look at.</summary>
public static class ClaimNames
{
    /// <summary>The issuer: the pool's URL without a trailing slash.</summary>
    public const string Issuer = "iss";

    /// <summary>The user, or the client id in a machine token.</summary>
    public const string Subject = "sub";

    /// <summary>"id" or "access".</summary>
    public const string TokenUse = "token_use";

    /// <summary>The app client of an access token (it has no <c>aud</c>).</summary>
    public const string ClientId = "client_id";

    /// <summary>The app client of an ID token; the resource of an access token that was asked for one.</summary>
    public const string Audience = "aud";

    /// <summary>Scopes of an access token, separated by single spaces.</summary>
    public const string Scope = "scope";

    /// <summary>Expiry, unix seconds.</summary>
    public const string Expires = "exp";

    /// <summary>Time of issue, unix seconds.</summary>
    public const string IssuedAt = "iat";

    /// <summary>Time of the original sign-in, unix seconds; unchanged by refreshes.</summary>
    public const string AuthTime = "auth_time";

    /// <summary>The id of one token.</summary>
    public const string TokenId = "jti";

    /// <summary>The session that the token came from, where revocation or rotation is on.</summary>
    public const string OriginJti = "origin_jti";

    /// <summary>The session that the token came from, always.</summary>
    public const string EventId = "event_id";

    /// <summary>Names of the user's groups; absent without a group.</summary>
    public const string Groups = "cognito:groups";
}
