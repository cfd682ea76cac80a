using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Users who are in another system until they sign in or forget their password here: a function of the pool knows them.</summary>
public sealed class UserMigration(Database database, PoolTriggers triggers, Accounts accounts, CredentialFactory credentials)
{
    /// <summary>Makes a user of somebody whom the pool does not have, if its function knows them; null if it does not.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="client">The app client.</param>
    /// <param name="typed">The name as it was typed.</param>
    /// <param name="password">The password that was given, which the function checks; null for one that was forgotten.</param>
    /// <param name="validationData">The ClientMetadata of InitiateAuth, or null.</param>
    /// <param name="metadata">The ClientMetadata of ForgotPassword, or null.</param>
    /// <param name="cancel">Ends the call early.</param>
    public async Task<User?> Bring(UserPool pool, AppClient client, string typed, string? password,
        IReadOnlyDictionary<string, string>? validationData, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        if (await triggers.MigrateUser(pool, client, typed, password, validationData, metadata, cancel) is not { } found) return null;
        var (user, caseSensitive) = Made(pool, typed, found, database.Now);
        // The other system's rules held when the password was chosen: this pool's policy is not asked.
        var made = found.Confirmed && password is not null
            ? await credentials.Create(pool.Id, user.Sub, user.Username, password, srp: !PoolOptions.Of(pool).NoSrp, cancel) : null;
        user = user with { Credentials = made, Status = found.Confirmed && password is not null ? UserStatus.Confirmed : UserStatus.ResetRequired };

        var takeAliases = found.ForceAliases && pool.UsernameAttributes.Count == 0;
        var written = await database.Write(async tx =>
        {
            var inserted = await UserStore.Insert(tx, user, caseSensitive, Aliases.Of(pool, user), takeAliases);
            if (inserted == UserWrite.Done && found.EnableSmsMfa) await FactorStore.Set(tx, pool.Id, user.Sub, UserFactors.None with { Sms = true });
            return inserted;
        });
        return written switch
        {
            UserWrite.Done => user,
            // Two calls brought the same user at once: the one that was first is the user. Else somebody else has the address.
            _ => await accounts.Find(pool, typed, cancel) ?? throw new RefusedException(Refusal.AliasExists),
        };
    }

    static (User User, bool CaseSensitive) Made(UserPool pool, string typed, MigratedUser found, long now)
    {
        var attributes = new Dictionary<string, string>(found.Attributes, StringComparer.Ordinal);
        attributes.Remove("sub");
        // The function knows the user's own name where an address was typed.
        var name = attributes.Remove("username", out var own) && pool.UsernameAttributes.Count == 0 ? own : typed;
        try
        {
            return NewUser.Of(pool, name, attributes, now);
        }
        catch (RefusedException refused)
        {
            throw new RefusedException(Refusal.TriggerInvalid, $"UserMigration gave a user that this pool cannot have ({refused.Reason}).");
        }
    }
}
