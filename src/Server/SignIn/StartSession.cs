using System.Security.Cryptography;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.Http;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A session that is ready to be stored, with the tokens it yields: everything slow is done before the transaction.</summary>
/// <param name="Session">The session.</param>
/// <param name="Tokens">Its first tokens.</param>
public sealed record NewSession(Session Session, TokenSet Tokens);

/// <summary>The tokens of a sign-in through the JSON API.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="NewDevice">The device that the pool has begun to track, which the app may confirm; or null.</param>
public sealed record SignedIn(TokenSet Tokens, Device? NewDevice);

/// <summary>Gives birth to sessions, for every surface. Who calls it has been through <see cref="NextStep"/> to its end.</summary>
public sealed class StartSession(
    Database database, TokenSubjects subjects, RefreshTokens refreshTokens, RefreshKey refreshKey, Audit audit)
{
    /// <summary>Starts a session of the JSON API for a user who has proven who they are.</summary>
    public async Task<SignedIn> Start(SignInAttempt attempt, SignInStep.Proven proven, CancellationToken cancel)
    {
        using var span = Telemetry.Traces.StartActivity("start_session");
        var (pool, client, user) = (attempt.Pool, attempt.Client, proven.User);
        var device = pool.TracksDevices && proven.Progress.DeviceKey is null ? NewDevice(attempt, user) : null;
        var terms = new SessionTerms(Birth.Api, Session.ApiScope, database.Now)
        {
            DeviceKey = device?.Key ?? proven.Progress.DeviceKey, Source = Source(proven.Progress), Metadata = attempt.Metadata,
        };
        var made = await Prepare(pool, client, user, terms, cancel);
        var stored = await database.Write(async tx =>
        {
            if (!await SessionStore.Insert(tx, made.Session)) return false;
            if (device is not null) await DeviceStore.Insert(tx, device);
            return true;
        });
        if (!stored) throw new RefusedException(Refusal.UserDisabled);
        audit.SessionStarted(made.Session);
        return new(made.Tokens, device);
    }

    /// <summary>Makes a session and mints its tokens; the caller inserts it in the transaction that spends what it was bought with.</summary>
    public async Task<NewSession> Prepare(UserPool pool, AppClient client, User user, SessionTerms terms, CancellationToken cancel)
    {
        var now = database.Now;
        var session = new Session(
            Ids.Uuid(), pool.Id, client.Id, user.Sub, terms.Birth, terms.Scopes, terms.Resource, terms.AuthTime,
            now + client.RefreshTokenLifetime.Ms(), 0, refreshKey.Id, RandomNumberGenerator.GetBytes(16), 0, DeviceKey: terms.DeviceKey);
        if (ReadableAttributes.Unreadable(client, session) is { } attribute) throw new RefusedException(Refusal.AttributeUnreadable, attribute);

        var subject = await subjects.Of(pool, client, user, session, new(terms.Source, terms.Nonce, terms.Metadata), cancel);
        var refreshToken = terms.WithRefreshToken ? refreshTokens.Derive(session, 0) : null;
        return new(session, TokenMinter.Mint(subject, refreshToken, now));
    }

    static TokenSource Source(Progress progress) =>
        progress.NewPasswordChosen ? TokenSource.NewPasswordChallenge
        : progress.DeviceProven ? TokenSource.AuthenticateDevice
        : TokenSource.Authentication;

    // The forms of Cognito's: a device key begins with the region, a group key with a hyphen.
    Device NewDevice(SignInAttempt attempt, User user)
    {
        var now = database.Now;
        return new(
            $"{attempt.Pool.Region}_{Ids.Uuid()}", attempt.Pool.Id, user.Sub, $"-{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 8)}",
            null, null, null, false, attempt.Address?.ToString(), now, now, now);
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
    /// <summary>The device that the session is bound to, or null.</summary>
    public string? DeviceKey { get; init; }

    /// <summary>What its first tokens are for.</summary>
    public TokenSource Source { get; init; } = Birth == Birth.Hosted ? TokenSource.HostedAuth : TokenSource.Authentication;

    /// <summary>The ClientMetadata of the call that ends the sign-in, or null.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
