using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Poolhouse.Core.Keys;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Core.Sessions;

/// <summary>What every security event token (SET) of one stream has in common.</summary>
/// <param name="Id">The stream.</param>
/// <param name="Issuer">The pool's issuer, as in its tokens.</param>
/// <param name="Audience">The receiver. Never a client id: a SET must not pass for an ID token at anybody who checks no more than that.</param>
/// <param name="Key">The key that signs.</param>
public sealed record SecurityEventStream(string Id, string Issuer, string Audience, SigningKey Key);

/// <summary>One entry of the revocation feed with what its session's row still tells.</summary>
/// <param name="Seq">Its place in the feed.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Value">Which.</param>
/// <param name="At">When it was revoked, unix ms.</param>
/// <param name="UserSub">The user of the session, or null.</param>
/// <param name="Reason">Why the session ended, or null.</param>
public sealed record RevokedEntry(long Seq, RevocationKind Kind, string Value, long At, string? UserSub, SessionEnd? Reason);

/// <summary>
/// Mints security event tokens (RFC 8417) as SSF 1.0 §4.1 profiles them: explicitly typed, one event, the subject in <c>sub_id</c>,
/// and neither <c>sub</c> nor <c>exp</c> nor <c>token_use</c>, so that none passes for another kind of token.
/// The same event makes the same token each time: a receiver recognizes what comes twice.
/// </summary>
public static class SecurityEventMinter
{
    /// <summary>CAEP 1.0 §3.1.</summary>
    public const string SessionRevokedType = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

    /// <summary>SSF 1.0 §8.1.4.1.</summary>
    public const string VerificationType = "https://schemas.openid.net/secevent/ssf/event-type/verification";

    /// <summary>SSF 1.0 §8.1.5.</summary>
    public const string StreamUpdatedType = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated";

    /// <summary>
    /// Tells of a session, or of everything that came through a deleted client: CAEP lets a complex subject stand for every
    /// session that matches its members.
    /// </summary>
    public static string SessionRevoked(SecurityEventStream stream, RevokedEntry entry, string jti, string txn)
    {
        using var set = Begin(stream, jti, entry.At);
        var claims = set.Claims;
        claims.WriteString("txn", txn);
        claims.WriteStartObject("sub_id");
        claims.WriteString("format", "complex");
        WriteOpaque(claims, entry.Kind == RevocationKind.Session ? "session" : "application", entry.Value);
        if (entry.UserSub is not null) WriteUser(claims, stream.Issuer, entry.UserSub);
        claims.WriteEndObject();
        BeginEvent(claims, SessionRevokedType);
        claims.WriteNumber("event_timestamp", Clock.Seconds(entry.At));
        var reason = entry.Kind == RevocationKind.Client ? SessionEnd.ClientDeleted : entry.Reason;
        if (Initiator(reason) is { } initiator) claims.WriteString("initiating_entity", initiator);
        // CAEP interoperability profile §3.1: never empty.
        claims.WriteStartObject("reason_admin");
        claims.WriteString("en", Words(reason));
        claims.WriteEndObject();
        return End(set, stream);
    }

    /// <summary>Answers a verification request.</summary>
    public static string Verification(SecurityEventStream stream, string jti, string? state, long now)
    {
        using var set = Begin(stream, jti, now);
        WriteOpaque(set.Claims, "sub_id", stream.Id);
        BeginEvent(set.Claims, VerificationType);
        if (state is not null) set.Claims.WriteString("state", state);
        return End(set, stream);
    }

    /// <summary>Tells that the transmitter has changed the stream's status of its own accord.</summary>
    public static string StreamUpdated(SecurityEventStream stream, string jti, string status, string reason, long now)
    {
        using var set = Begin(stream, jti, now);
        WriteOpaque(set.Claims, "sub_id", stream.Id);
        BeginEvent(set.Claims, StreamUpdatedType);
        set.Claims.WriteString("status", status);
        set.Claims.WriteString("reason", reason);
        return End(set, stream);
    }

    static JwtWriter Begin(SecurityEventStream stream, string jti, long at)
    {
        var set = new JwtWriter();
        set.Claims.WriteString("iss", stream.Issuer);
        set.Claims.WriteString("jti", jti);
        set.Claims.WriteNumber("iat", Clock.Seconds(at));
        set.Claims.WriteString("aud", stream.Audience);
        return set;
    }

    static void BeginEvent(Utf8JsonWriter claims, string type)
    {
        claims.WriteStartObject("events");
        claims.WriteStartObject(type);
    }

    static string End(JwtWriter set, SecurityEventStream stream)
    {
        set.Claims.WriteEndObject();
        set.Claims.WriteEndObject();
        return set.Sign(stream.Key, Base64Url.EncodeToUtf8(Encoding.ASCII.GetBytes($$"""{"kid":"{{stream.Key.Kid}}","typ":"secevent+jwt","alg":"RS256"}""")));
    }

    static void WriteOpaque(Utf8JsonWriter claims, string name, string id)
    {
        claims.WriteStartObject(name);
        claims.WriteString("format", "opaque");
        claims.WriteString("id", id);
        claims.WriteEndObject();
    }

    static void WriteUser(Utf8JsonWriter claims, string issuer, string sub)
    {
        claims.WriteStartObject("user");
        claims.WriteString("format", "iss_sub");
        claims.WriteString("iss", issuer);
        claims.WriteString("sub", sub);
        claims.WriteEndObject();
    }

    // CAEP 1.0 §2 knows four. Where the reason does not tell users from administrators, nothing is claimed.
    static string? Initiator(SessionEnd? reason) => reason switch
    {
        SessionEnd.Revoked or SessionEnd.SignedOut => "user",
        SessionEnd.SignedOutByAdmin or SessionEnd.UserDisabled or SessionEnd.ClientDeleted or SessionEnd.PoolDeleted => "admin",
        SessionEnd.RefreshTokenReused or SessionEnd.CodeReplayed or SessionEnd.PasswordChanged => "policy",
        _ => null,
    };

    static string Words(SessionEnd? reason) => reason switch
    {
        SessionEnd.Revoked => "The refresh token was revoked",
        SessionEnd.SignedOut => "The user signed out everywhere",
        SessionEnd.SignedOutByAdmin => "An administrator signed the user out",
        SessionEnd.UserDisabled => "The user was disabled",
        SessionEnd.UserDeleted => "The user was deleted",
        SessionEnd.RefreshTokenReused => "A refresh token was used again after its successor",
        SessionEnd.CodeReplayed => "The authorization code was redeemed again",
        SessionEnd.PasswordChanged => "The password was changed",
        SessionEnd.ClientDeleted => "The app client was deleted",
        SessionEnd.PoolDeleted => "The user pool was deleted",
        _ => "The session was ended",
    };
}
