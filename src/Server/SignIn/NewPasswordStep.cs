using System.Text.Json;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>NEW_PASSWORD_REQUIRED: who signed in with a temporary password chooses a new one, and gives the attributes that the pool requires.</summary>
public sealed class NewPasswordStep(Database database, ChallengeStore store, Challenges challenges, Passwords passwords, NextStep next)
{
    /// <summary>The challenge's name.</summary>
    public const string Name = "NEW_PASSWORD_REQUIRED";

    /// <summary>The challenge's parameters: the attributes that the client may read, and those that are required and missing.</summary>
    public static Dictionary<string, string> WhatIsNeeded(UserPool pool, AppClient client, User user) => new()
    {
        ["USER_ID_FOR_SRP"] = user.Username,
        ["requiredAttributes"] = JsonSerializer.Serialize([.. Missing(pool, user).Select(name => $"userAttributes.{name}")], SignInJson.Default.ListString),
        ["userAttributes"] = JsonSerializer.Serialize(
            user.Attributes.Where(attribute => client.CanRead(attribute.Key)).ToDictionary(), SignInJson.Default.DictionaryStringString),
    };

    /// <summary>The attributes that the user must still give.</summary>
    public static IReadOnlyList<string> Missing(UserPool pool, User user) =>
        [.. AttributeRules.Required(pool).Where(name => string.IsNullOrEmpty(user.Attribute(name)))];

    /// <summary>Takes the answer. A weak password or a missing attribute leaves the challenge as it was; a right answer spends it once.</summary>
    public async Task<SignInStep> Answer(SignInAttempt attempt, NewPasswordAnswer answer, CancellationToken cancel)
    {
        var pool = attempt.Pool;
        var challenge = await challenges.Open(attempt, answer.Session, answer.Username, [Name], cancel);
        var user = challenge.User ?? throw new RefusedException(Refusal.ChallengeInvalid);
        if (!user.Enabled) throw new RefusedException(Refusal.UserDisabled);
        Merge(pool, attempt.Client, user, answer.Attributes);
        var made = await passwords.MakeAnother(pool, user, answer.NewPassword, cancel);

        RefusedException? refused = null;
        await database.Write(tx => tx.AllOrNothing(async () => (refused = await Store(tx, attempt, challenge, answer.Attributes, made)) is null));
        if (refused is not null) throw refused;
        var changed = await challenges.Reread(attempt, challenge, cancel);
        return await next.AfterPassword(attempt, changed, challenge.Progress.Onward() with { NewPasswordChosen = true }, cancel);
    }

    // Making a password takes its time: what the user is by now, and not what was read before it, is merged with what was given.
    async Task<RefusedException?> Store(
        Tx tx, SignInAttempt attempt, OpenChallenge challenge, IReadOnlyDictionary<string, string> given, Credentials made)
    {
        var pool = attempt.Pool;
        var now = await UserStore.Lock(tx, pool.Id, challenge.User!.Sub);
        if (!await store.Spend(tx, challenge.Handle)) return new(Refusal.ChallengeSpent);
        if (now is not { Enabled: true, Status: UserStatus.ForceChangePassword }) return new(Refusal.ChallengeInvalid);
        try
        {
            var user = now with { Attributes = Merge(pool, attempt.Client, now, given) };
            return await passwords.Store(tx, pool, user, made) == UserWrite.AliasTaken ? new(Refusal.AliasExists) : null;
        }
        catch (RefusedException refused)
        {
            return refused;
        }
    }

    static Dictionary<string, string> Merge(UserPool pool, AppClient client, User user, IReadOnlyDictionary<string, string> given)
    {
        foreach (var name in AttributeRules.Required(pool))
            if (given.TryGetValue(name, out var value) && user.Attribute(name) is { Length: > 0 } old && old != value)
                throw new RefusedException(Refusal.AttributeAlreadyGiven, name);
        // A new address that must be proven before it counts has nobody here who could prove it.
        foreach (var name in given.Keys)
            if (user.Attribute(name) is { Length: > 0 } && AttributeChange.MustWait(pool, user, given, name)) throw new RefusedException(Refusal.AttributeAlreadyGiven, name);
        var changed = given.Where(attribute => user.Attribute(attribute.Key) != attribute.Value).ToDictionary(StringComparer.Ordinal);
        AttributeRules.CheckWritable(client, changed.Keys);
        var merged = AttributeChange.Apply(pool, user, changed);
        if (AttributeRules.Required(pool).FirstOrDefault(name => string.IsNullOrEmpty(merged.GetValueOrDefault(name))) is { } missing)
            throw new RefusedException(Refusal.AttributeRequired, missing);
        return merged;
    }
}

/// <summary>An answer to NEW_PASSWORD_REQUIRED.</summary>
/// <param name="Session">The challenge's handle.</param>
/// <param name="Username">The user as named in the answer; null at the pages.</param>
/// <param name="NewPassword">The chosen password.</param>
/// <param name="Attributes">Attribute values by name.</param>
public sealed record NewPasswordAnswer(string? Session, string? Username, string NewPassword, IReadOnlyDictionary<string, string> Attributes);
