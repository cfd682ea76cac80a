using System.Security.Cryptography;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A session that is ready to be stored, with the tokens it yields: everything slow is done before the transaction.</summary>
/// <param name="Session">The session.</param>
/// <param name="Tokens">Its first tokens.</param>
public sealed record NewSession(Session Session, TokenSet Tokens);

/// <summary>Gives birth to sessions, for every surface.</summary>
public sealed class StartSession(
    Database database, TokenSubjects subjects, RefreshTokens refreshTokens, RefreshKey refreshKey, Audit audit)
{
    /// <summary>Starts a session of the JSON API for a user who has proven who they are.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="client">The client.</param>
    /// <param name="user">The user.</param>
    /// <param name="source">How they proved it.</param>
    /// <param name="metadata">The ClientMetadata of the answer to a challenge; that of InitiateAuth is not for this.</param>
    /// <param name="cancel">Ends the call early.</param>
    public async Task<TokenSet> Start(
        UserPool pool, AppClient client, User user, TokenSource source, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        var terms = new SessionTerms(Birth.Api, Session.ApiScope, database.Now) { Source = source, Metadata = metadata };
        var made = await Prepare(pool, client, user, terms, cancel);
        if (!await database.Write(tx => SessionStore.Insert(tx, made.Session))) throw new RefusedException(Refusal.UserDisabled);
        audit.SessionStarted(made.Session);
        return made.Tokens;
    }

    /// <summary>Makes a session and mints its tokens; the caller inserts it in the transaction that spends what it was bought with.</summary>
    public async Task<NewSession> Prepare(UserPool pool, AppClient client, User user, SessionTerms terms, CancellationToken cancel)
    {
        // No way to a session may pass by the second factor that the pool demands, whichever page it comes from.
        if (pool.MfaConfiguration == "ON") throw new RefusedException(Refusal.MfaNotBuilt);
        var now = database.Now;
        var session = new Session(
            Ids.Uuid(), pool.Id, client.Id, user.Sub, terms.Birth, terms.Scopes, terms.Resource, terms.AuthTime,
            now + client.RefreshTokenLifetime.Ms(), 0, refreshKey.Id, RandomNumberGenerator.GetBytes(16), 0);
        if (ReadableAttributes.Unreadable(client, session) is { } attribute) throw new RefusedException(Refusal.AttributeUnreadable, attribute);

        var subject = await subjects.Of(pool, client, user, session, new(terms.Source, terms.Nonce, terms.Metadata), cancel);
        var refreshToken = terms.WithRefreshToken ? refreshTokens.Derive(session, 0) : null;
        return new(session, TokenMinter.Mint(subject, refreshToken, now));
    }
}

/// <summary>What a session is born with.</summary>
/// <param name="Birth">Where.</param>
/// <param name="Scopes">The granted scopes.</param>
/// <param name="AuthTime">When the user signed in, unix ms.</param>
/// <param name="Nonce">For the ID token, or null.</param>
/// <param name="Resource">RFC 8707, or null.</param>
/// <param name="WithRefreshToken">False for the implicit flow.</param>
public sealed record SessionTerms(
    Birth Birth, string Scopes, long AuthTime, string? Nonce = null, string? Resource = null, bool WithRefreshToken = true)
{
    /// <summary>What its first tokens are for.</summary>
    public TokenSource Source { get; init; } = Birth == Birth.Hosted ? TokenSource.HostedAuth : TokenSource.Authentication;

    /// <summary>The ClientMetadata of the call that ends the sign-in, or null.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
