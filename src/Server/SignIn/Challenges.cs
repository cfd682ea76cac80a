using System.Net;
using System.Text.Json;
using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A challenge that waits for its answer.</summary>
/// <param name="Handle">The <c>Session</c> string.</param>
/// <param name="Name">Its name.</param>
/// <param name="User">Who must answer; null if nobody can, because there is no such user and that must not show.</param>
/// <param name="Progress">How far the sign-in has come.</param>
public sealed record OpenChallenge(string Handle, string Name, User? User, Progress Progress);

/// <summary>
/// What stands between the steps of a sign-in, for every surface: opaque handles, one use each, kept in the database for
/// all nodes, bound to pool, client, user and challenge (security.md C9).
/// </summary>
public sealed class Challenges(
    Database database, ChallengeStore store, PoolStore pools, ClientStore clients, UserStore users, Accounts accounts, Nobody nobody)
{
    /// <summary>Gives a challenge in a transaction of its own.</summary>
    public Task<SignInStep> Give(SignInAttempt attempt, User? user, string name, Progress progress, Dictionary<string, string> parameters) =>
        database.Write(async tx => (SignInStep)new SignInStep.Asked(name, await Give(tx, attempt, user, name, progress), parameters));

    /// <summary>Gives a challenge and returns its handle.</summary>
    public Task<string> Give(Tx tx, SignInAttempt attempt, User? user, string name, Progress progress) => store.Insert(tx, new(
        attempt.Pool.Id, attempt.Client.Id, user?.Sub ?? nobody.Sub(attempt.Pool, progress.Username),
        name, JsonSerializer.Serialize(progress, SignInJson.Default.Progress), tx.Now + attempt.Client.AuthSessionLifetime.Ms()));

    /// <summary>Opens a challenge that is to be answered: this client's, one of these, neither spent nor expired.</summary>
    /// <param name="attempt">The call.</param>
    /// <param name="handle">The <c>Session</c> string.</param>
    /// <param name="username">The user as named in the answer; null at the pages, where the challenge alone names the user.</param>
    /// <param name="names">The challenges that this answer can be for.</param>
    /// <param name="cancel">Cancels the reads.</param>
    public async Task<OpenChallenge> Open(
        SignInAttempt attempt, string? handle, string? username, IReadOnlyList<string> names, CancellationToken cancel)
    {
        var found = handle is null ? null : await store.Find(handle, cancel);
        if (found is null || found.ClientId != attempt.Client.Id || found.PoolId != attempt.Pool.Id || !names.Contains(found.Name))
            throw new RefusedException(Refusal.ChallengeInvalid);
        if (found.SpentAt is not null) throw new RefusedException(Refusal.ChallengeSpent);
        if (found.EndsAt <= database.Now) throw new RefusedException(Refusal.ChallengeExpired);

        var progress = JsonSerializer.Deserialize(found.State, SignInJson.Default.Progress)!;
        if (Nobody.Has(found.UserSub))
            return username is null || nobody.IsCalled(attempt.Pool, progress.Username, username)
                ? new(handle!, found.Name, null, progress) : throw new RefusedException(Refusal.ChallengeInvalid);

        var user = await users.Get(attempt.Pool.Id, found.UserSub, cancel) ?? throw new RefusedException(Refusal.ChallengeInvalid);
        if (username is not null && (await accounts.Find(attempt.Pool, username, cancel))?.Sub != user.Sub) throw new RefusedException(Refusal.ChallengeInvalid);
        return new(handle!, found.Name, user, progress);
    }

    /// <summary>The name that a challenge gives its user, or nobody.</summary>
    public string NameOf(UserPool pool, User? user, Progress progress) => user?.Username ?? nobody.Username(pool, progress.Username);

    /// <summary>The sign-in that a challenge belongs to, for calls that name neither pool nor client.</summary>
    public async Task<SignInAttempt> AttemptOf(string handle, IPAddress? address, CancellationToken cancel)
    {
        var found = await store.Find(handle, cancel) ?? throw new RefusedException(Refusal.ChallengeInvalid);
        var (pool, client) = (await pools.Find(found.PoolId, cancel), await clients.Find(found.ClientId, cancel));
        return pool is null || client is null ? throw new RefusedException(Refusal.ChallengeInvalid) : new(pool, client, address);
    }

    /// <summary>The user of an answered challenge, as the answer has left them.</summary>
    public async Task<User> Reread(SignInAttempt attempt, OpenChallenge challenge, CancellationToken cancel) =>
        await users.Get(attempt.Pool.Id, challenge.User!.Sub, cancel) ?? throw new RefusedException(Refusal.ChallengeInvalid);

    /// <summary>Spends a challenge, whatever comes of the answer; refuses all but one caller.</summary>
    public async Task Spend(OpenChallenge challenge)
    {
        if (!await database.Write(tx => store.Spend(tx, challenge.Handle))) throw new RefusedException(Refusal.ChallengeSpent);
    }

    /// <summary>Spends a challenge in a transaction and gives the next one in its place; null if it was spent or has expired.</summary>
    public async Task<string?> Exchange(Tx tx, SignInAttempt attempt, OpenChallenge challenge, string name) =>
        await store.Spend(tx, challenge.Handle) ? await Give(tx, attempt, challenge.User, name, challenge.Progress) : null;
}
