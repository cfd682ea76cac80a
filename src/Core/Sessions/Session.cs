namespace Poolhouse.Core.Sessions;

/// <summary>Where a session was born. Its claims follow its birth, not the surface that refreshes it.</summary>
public enum Birth
{
    /// <summary>The JSON API: an ID token always, with every client-readable attribute.</summary>
    Api,

    /// <summary>The hosted pages: an ID token if <c>openid</c> was granted, filtered by scope.</summary>
    Hosted,
}

/// <summary>Why a session ended: the answer to "why was this user signed out".</summary>
public enum SessionEnd
{
    /// <summary>RevokeToken or /oauth2/revoke.</summary>
    Revoked,

    /// <summary>GlobalSignOut by the user.</summary>
    SignedOut,

    /// <summary>AdminUserGlobalSignOut.</summary>
    SignedOutByAdmin,

    /// <summary>AdminDisableUser.</summary>
    UserDisabled,

    /// <summary>DeleteUser or AdminDeleteUser.</summary>
    UserDeleted,

    /// <summary>A refresh token came back after its successor was in use and its grace was over.</summary>
    RefreshTokenReused,

    /// <summary>The authorization code that gave birth to the session was redeemed a second time.</summary>
    CodeReplayed,

    /// <summary>The password was changed or reset, in a pool that asks for sign-out then.</summary>
    PasswordChanged,

    /// <summary>DeleteUserPoolClient.</summary>
    ClientDeleted,

    /// <summary>DeleteUserPool.</summary>
    PoolDeleted,

    /// <summary>It comes from a backup that was restored since; never stored, its key says so.</summary>
    Restored,

    /// <summary>ForgetDevice or AdminForgetDevice, of the device that the session is bound to.</summary>
    DeviceForgotten,
}

/// <summary>
/// One sign-in of one user through one app client: one family of refresh tokens. Its id is the <c>event_id</c> of every
/// token it yields, and the <c>origin_jti</c> too where the client has revocation or rotation on.
/// </summary>
/// <param name="Id">The family id, a lower-case UUID.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="ClientId">The app client that the session is bound to.</param>
/// <param name="UserSub">The user.</param>
/// <param name="Birth">Where it was born.</param>
/// <param name="Scopes">The granted scopes, separated by spaces.</param>
/// <param name="Resource">The RFC 8707 resource, which becomes the access token's <c>aud</c>; or null.</param>
/// <param name="AuthTime">When the user proved who they are, unix ms; never moved by a refresh.</param>
/// <param name="EndsAt">The absolute end, unix ms; never moved by a rotation.</param>
/// <param name="Generation">Of the live refresh token; 0 until the first rotation.</param>
/// <param name="KeyId">The refresh-token key of the current generation; the successor is derived under the same.</param>
/// <param name="Salt">Sixteen random bytes that enter the refresh token's MAC.</param>
/// <param name="RotatedAt">The last rotation, unix ms; 0 before the first.</param>
/// <param name="RevokedAt">When it ended before its time, unix ms; or null.</param>
/// <param name="EndReason">Why it ended, or null.</param>
/// <param name="DeviceKey">The device it is bound to, or null.</param>
public sealed record Session(
    string Id, string PoolId, string ClientId, string UserSub, Birth Birth, string Scopes, string? Resource,
    long AuthTime, long EndsAt, long Generation, long KeyId, byte[] Salt, long RotatedAt,
    long? RevokedAt = null, SessionEnd? EndReason = null, string? DeviceKey = null)
{
    /// <summary>The scope of every token that the JSON API issues.</summary>
    public const string ApiScope = "aws.cognito.signin.user.admin";

    /// <summary>Whether a scope was granted.</summary>
    public bool Has(string scope) => Scopes.Split(' ').Contains(scope, StringComparer.Ordinal);

    /// <summary>Whether refreshes of this session yield an ID token.</summary>
    public bool YieldsIdToken => Birth == Birth.Api || Has("openid");
}
