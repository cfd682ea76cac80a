using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Users who come over from another directory at their first sign-in: the migration trigger vouches for the password.</summary>
public sealed class Migration(Database database, UserStore users, CredentialFactory credentials, PoolTriggers triggers)
{
    /// <summary>Asks the trigger for somebody who is not here; null if it does not know them either, or there is none.</summary>
    public async Task<User?> OfSignIn(SignInAttempt attempt, string username, string password, CancellationToken cancel)
    {
        var pool = attempt.Pool;
        var migrated = await triggers.MigrateUser(pool, attempt.Client, username, password, attempt.ValidationData, attempt.Metadata, cancel);
        if (migrated is null) return null;
        var attributes = new Dictionary<string, string>(migrated.Attributes, StringComparer.Ordinal);
        var name = attributes.Remove("username", out var given) && given.Length > 0 ? given : username;
        attributes.Remove("sub");
        var (user, caseSensitive) = NewUser.Of(pool, name, attributes, database.Now);
        // The other directory's password is taken as it is: its rules were the other directory's.
        var made = migrated.Confirmed ? await credentials.Create(pool.Id, user.Sub, user.Username, password, srp: !PoolOptions.Of(pool).NoSrp, cancel) : null;
        user = user with { Credentials = made, Status = migrated.Confirmed ? UserStatus.Confirmed : UserStatus.ResetRequired };
        var written = await database.Write(async tx =>
        {
            var inserted = await UserStore.Insert(tx, user, caseSensitive, Aliases.Of(pool, user), migrated.ForceAliases);
            if (inserted == UserWrite.Done && migrated.EnableSmsMfa) await FactorStore.Set(tx, pool.Id, user.Sub, UserFactors.None with { Sms = true });
            return inserted;
        });
        if (NewUser.Refusal(written) is { } refused) throw new RefusedException(refused);
        return await users.Get(pool.Id, user.Sub, cancel);
    }
}
