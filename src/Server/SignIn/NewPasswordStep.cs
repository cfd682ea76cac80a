using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>NEW_PASSWORD_REQUIRED: who signed in with a temporary password chooses a new one, and gives the attributes that the pool requires.</summary>
public sealed class NewPasswordStep(Database database, ChallengeStore challenges, UserStore users, Accounts accounts, Passwords passwords)
{
    /// <summary>The challenge's name.</summary>
    public const string Name = "NEW_PASSWORD_REQUIRED";

    /// <summary>Gives the challenge; returns its handle, the <c>Session</c> string.</summary>
    public Task<string> Give(UserPool pool, AppClient client, User user) => database.Write(tx => challenges.Insert(
        tx, new(pool.Id, client.Id, user.Sub, Name, "{}", tx.Now + client.AuthSessionLifetime.Ms())));

    /// <summary>The attributes that the user must still give.</summary>
    public static IReadOnlyList<string> Missing(UserPool pool, User user) =>
        [.. AttributeRules.Required(pool).Where(name => string.IsNullOrEmpty(user.Attribute(name)))];

    /// <summary>Who must answer a challenge, for a page that shows it; refused if it is spent, expired or not this client's.</summary>
    public async Task<User> Who(UserPool pool, AppClient client, string? session, CancellationToken cancel)
    {
        var challenge = await Live(client, session, cancel);
        return await users.Get(pool.Id, challenge.UserSub, cancel) ?? throw new RefusedException(Refusal.ChallengeInvalid);
    }

    /// <summary>Takes the answer. A weak password or a missing attribute leaves the challenge as it was; a right answer spends it once.</summary>
    public async Task<User> Answer(UserPool pool, AppClient client, NewPasswordAnswer answer, CancellationToken cancel)
    {
        var user = await Who(pool, client, answer.Session, cancel);
        if ((await accounts.Find(pool, answer.Username, cancel))?.Sub != user.Sub) throw new RefusedException(Refusal.ChallengeInvalid);
        if (!user.Enabled) throw new RefusedException(Refusal.UserDisabled);
        var attributes = Merge(pool, client, user, answer.Attributes);
        var made = await passwords.Make(pool, user.Sub, user.Username, answer.NewPassword, cancel);

        var outcome = await database.Write(async tx =>
        {
            if (!await challenges.Spend(tx, answer.Session!)) return Refusal.ChallengeSpent;
            var now = await UserStore.Lock(tx, pool.Id, user.Sub);
            if (now is null || !now.Enabled || now.Status != UserStatus.ForceChangePassword) return Refusal.ChallengeInvalid;
            return await passwords.Store(tx, pool, now with { Attributes = attributes }, made) == UserWrite.AliasTaken ? Refusal.AliasExists : (Refusal?)null;
        });
        if (outcome is { } refusal) throw new RefusedException(refusal);
        return await users.Get(pool.Id, user.Sub, cancel) ?? throw new RefusedException(Refusal.ChallengeInvalid);
    }

    async Task<Challenge> Live(AppClient client, string? session, CancellationToken cancel)
    {
        var challenge = session is null ? null : await challenges.Find(session, cancel);
        if (challenge is null || challenge.ClientId != client.Id || challenge.Name != Name) throw new RefusedException(Refusal.ChallengeInvalid);
        if (challenge.SpentAt is not null) throw new RefusedException(Refusal.ChallengeSpent);
        return challenge.EndsAt > database.Now ? challenge : throw new RefusedException(Refusal.ChallengeExpired);
    }

    static Dictionary<string, string> Merge(UserPool pool, AppClient client, User user, IReadOnlyDictionary<string, string> given)
    {
        foreach (var name in AttributeRules.Required(pool))
            if (given.TryGetValue(name, out var value) && user.Attribute(name) is { Length: > 0 } old && old != value)
                throw new RefusedException(Refusal.AttributeAlreadyGiven, name);
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
/// <param name="Username">The user as named in the answer.</param>
/// <param name="NewPassword">The chosen password.</param>
/// <param name="Attributes">Attribute values by name.</param>
public sealed record NewPasswordAnswer(string? Session, string Username, string NewPassword, IReadOnlyDictionary<string, string> Attributes);
