using System.Data.Common;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>An authorization code: what was asked for at /oauth2/authorize and who signed in.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="ClientId">The client it is bound to.</param>
/// <param name="UserSub">Who signed in.</param>
/// <param name="RedirectUri">The redirect URI it is bound to.</param>
/// <param name="Challenge">The PKCE challenge (S256), or null.</param>
/// <param name="Scopes">The granted scopes.</param>
/// <param name="Nonce">For the ID token, or null.</param>
/// <param name="Resource">RFC 8707, or null.</param>
/// <param name="AuthTime">When the user signed in, unix ms.</param>
/// <param name="EndsAt">Unix ms.</param>
/// <param name="SpentAt">When it was redeemed, or null.</param>
/// <param name="SessionId">The session it gave birth to, or null.</param>
public sealed record AuthorizationCode(
    string PoolId, string ClientId, string UserSub, string RedirectUri, string? Challenge, string Scopes, string? Nonce, string? Resource,
    long AuthTime, long EndsAt, long? SpentAt = null, string? SessionId = null);

/// <summary>Authorization codes, stored as keyed hashes and spent by one conditional update.</summary>
public sealed class AuthorizationCodeStore(Database database, MasterKey master)
{
    const string Columns =
        "pool_id, client_id, user_sub, redirect_uri, challenge, scopes, nonce, resource, auth_time, ends_at, spent_at, session_id";

    /// <summary>Finds a code, spent or not.</summary>
    public Task<AuthorizationCode?> Find(string code, CancellationToken cancel) =>
        database.One($"select {Columns} from authorization_codes where hash = @hash", Read, cancel, ("hash", Hash(code)));

    /// <summary>Stores a new code.</summary>
    public Task Insert(Tx tx, string code, AuthorizationCode about) => tx.Execute(
        $"""
        insert into authorization_codes (hash, {Columns}) values
        (@hash, @pool, @client, @user, @redirect, @challenge, @scopes, @nonce, @resource, @authTime, @endsAt, null, null)
        """,
        ("hash", Hash(code)), ("pool", about.PoolId), ("client", about.ClientId), ("user", about.UserSub), ("redirect", about.RedirectUri),
        ("challenge", about.Challenge), ("scopes", about.Scopes), ("nonce", about.Nonce), ("resource", about.Resource),
        ("authTime", about.AuthTime), ("endsAt", about.EndsAt));

    /// <summary>Spends a code for a session; true for exactly one caller.</summary>
    public async Task<bool> Spend(Tx tx, string code, string sessionId) => await tx.Execute(
        "update authorization_codes set spent_at = @now, session_id = @session where hash = @hash and spent_at is null and ends_at > @now",
        ("hash", Hash(code)), ("now", tx.Now), ("session", sessionId)) == 1;

    byte[] Hash(string code) => master.Hash("authorization-code", code);

    static AuthorizationCode Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.GetString(5), row.TextOrNull(6), row.TextOrNull(7),
        row.GetInt64(8), row.GetInt64(9), row.LongOrNull(10), row.TextOrNull(11));
}
