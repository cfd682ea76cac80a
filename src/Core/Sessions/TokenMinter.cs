using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Users;
using Poolhouse.Tokens;

namespace Poolhouse.Core.Sessions;

/// <summary>What a grant yields.</summary>
/// <param name="AccessToken">The access token.</param>
/// <param name="ExpiresIn">Seconds that the access token lives.</param>
/// <param name="IdToken">The ID token, or null where the session yields none.</param>
/// <param name="RefreshToken">A new refresh token, or null on a refresh without rotation and for machines.</param>
public sealed record TokenSet(string AccessToken, long ExpiresIn, string? IdToken = null, string? RefreshToken = null);

/// <summary>Everything that the tokens of one user's session are made of.</summary>
/// <param name="Issuer">The pool's issuer URL.</param>
/// <param name="Keys">The pool's signing keys.</param>
/// <param name="Client">The app client.</param>
/// <param name="User">The user, as read now.</param>
/// <param name="Groups">The user's groups, as read now, or those that a function names instead.</param>
/// <param name="Session">The session.</param>
/// <param name="Nonce">The authorization request's nonce, on the first ID token only.</param>
/// <param name="Overrides">What a function of the pool wants to be different; or null.</param>
public sealed record TokenSubject(
    string Issuer, PoolKeys Keys, AppClient Client, User User, GroupClaims Groups, Session Session, string? Nonce = null, TokenOverrides? Overrides = null);

/// <summary>Mints ID and access tokens with the claims of Cognito's (cognito/tokens.md §2 and §3).</summary>
public static class TokenMinter
{
    /// <summary>Mints the tokens of a session.</summary>
    public static TokenSet Mint(TokenSubject subject, string? refreshToken, long now)
    {
        var access = AccessToken(subject, now);
        return new(access, (long)subject.Client.AccessTokenLifetime.TotalSeconds,
            subject.Session.YieldsIdToken ? IdToken(subject, access, now) : null, refreshToken);
    }

    /// <summary>Mints the access token of a machine (client_credentials): no user, no session, no refresh token.</summary>
    public static TokenSet MintMachine(string issuer, PoolKeys keys, AppClient client, string scopes, TokenOverrides? overrides, long now)
    {
        using var jwt = new JwtWriter();
        var claims = jwt.Claims;
        claims.WriteString("sub", client.Id);
        claims.WriteString("token_use", "access");
        WriteScopes(claims, scopes, overrides);
        claims.WriteNumber("auth_time", Clock.Seconds(now));
        claims.WriteString("iss", issuer);
        WriteTimes(claims, now, client.AccessTokenLifetime);
        claims.WriteNumber("version", 2);
        claims.WriteString("jti", Ids.Uuid());
        claims.WriteString("client_id", client.Id);
        return new(SignAccess(jwt, keys, client, overrides), (long)client.AccessTokenLifetime.TotalSeconds);
    }

    static string AccessToken(TokenSubject subject, long now)
    {
        using var jwt = new JwtWriter();
        var (claims, session) = (jwt.Claims, subject.Session);
        claims.WriteString("sub", subject.User.Sub);
        if (session.DeviceKey is not null) claims.WriteString("device_key", session.DeviceKey);
        WriteGroups(claims, subject.Groups);
        claims.WriteString("iss", subject.Issuer);
        if (session.Birth == Birth.Hosted) claims.WriteNumber("version", 2);
        claims.WriteString("client_id", subject.Client.Id);
        WriteSession(claims, subject);
        claims.WriteString("token_use", "access");
        WriteScopes(claims, session.Scopes, subject.Overrides);
        if (session.Resource is not null) claims.WriteString("aud", session.Resource);
        claims.WriteNumber("auth_time", Clock.Seconds(session.AuthTime));
        WriteTimes(claims, now, subject.Client.AccessTokenLifetime);
        claims.WriteString("username", subject.User.Username);
        return SignAccess(jwt, subject.Keys, subject.Client, subject.Overrides);
    }

    static string IdToken(TokenSubject subject, string accessToken, long now)
    {
        using var jwt = new JwtWriter();
        var (claims, session) = (jwt.Claims, subject.Session);
        if (session.Birth == Birth.Hosted) claims.WriteString("at_hash", HalfHash(accessToken));
        claims.WriteString("sub", subject.User.Sub);
        WriteGroups(claims, subject.Groups);
        WriteRoles(claims, subject.Groups);
        claims.WriteString("iss", subject.Issuer);
        claims.WriteString("cognito:username", subject.User.Username);
        if (subject.Nonce is not null) claims.WriteString("nonce", subject.Nonce);
        WriteSession(claims, subject);
        claims.WriteString("aud", subject.Client.Id);
        claims.WriteString("token_use", "id");
        claims.WriteNumber("auth_time", Clock.Seconds(session.AuthTime));
        WriteTimes(claims, now, subject.Client.IdTokenLifetime);
        foreach (var (name, value) in ReadableAttributes.Of(subject.User, subject.Client, session)) WriteAttribute(claims, name, value);
        return jwt.Sign(subject.Keys.Id, subject.Overrides?.Id is { } changes ? changes.ApplyToId : null);
    }

    static string SignAccess(JwtWriter jwt, PoolKeys keys, AppClient client, TokenOverrides? overrides) =>
        jwt.Sign(keys.Access, overrides?.Access is { } changes ? payload => changes.ApplyToAccess(payload, client.Id) : null);

    // A token from which every scope was taken has no such claim.
    static void WriteScopes(Utf8JsonWriter claims, string scopes, TokenOverrides? overrides)
    {
        if (overrides?.Scopes is { } changes) scopes = changes.Apply(scopes);
        if (scopes.Length > 0) claims.WriteString("scope", scopes);
    }

    static void WriteTimes(Utf8JsonWriter claims, long now, TimeSpan lifetime)
    {
        claims.WriteNumber("exp", Clock.Seconds(now) + (long)lifetime.TotalSeconds);
        claims.WriteNumber("iat", Clock.Seconds(now));
    }

    static void WriteSession(Utf8JsonWriter claims, TokenSubject subject)
    {
        claims.WriteString("event_id", subject.Session.Id);
        if (!subject.Client.RevocationEnabled && !subject.Client.RotatesRefreshTokens) return;
        claims.WriteString("origin_jti", subject.Session.Id);
        claims.WriteString("jti", Ids.Uuid());
    }

    static void WriteGroups(Utf8JsonWriter claims, GroupClaims groups) => WriteList(claims, ClaimNames.Groups, groups.Groups);

    static void WriteRoles(Utf8JsonWriter claims, GroupClaims groups)
    {
        WriteList(claims, "cognito:roles", groups.Roles);
        if (groups.PreferredRole is { } preferred) claims.WriteString("cognito:preferred_role", preferred);
    }

    static void WriteList(Utf8JsonWriter claims, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0) return;
        claims.WriteStartArray(name);
        foreach (var value in values) claims.WriteStringValue(value);
        claims.WriteEndArray();
    }

    internal static void WriteAttribute(Utf8JsonWriter claims, string name, string value)
    {
        switch (name)
        {
            case "email_verified" or "phone_number_verified":
                claims.WriteBoolean(name, value == "true");
                break;
            case "updated_at" when long.TryParse(value, out var seconds):
                claims.WriteNumber(name, seconds);
                break;
            // OpenID Connect Core §5.1.1: an object; Cognito has one string to put into it.
            case "address":
                claims.WriteStartObject(name);
                claims.WriteString("formatted", value);
                claims.WriteEndObject();
                break;
            default:
                claims.WriteString(name, value);
                break;
        }
    }

    // OpenID Connect Core §3.1.3.6: the left half of the hash of the access token.
    static string HalfHash(string accessToken)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.ASCII.GetBytes(accessToken), hash);
        return Base64Url.EncodeToString(hash[..16]);
    }
}
