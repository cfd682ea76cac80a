using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Finds users as people name them, and decides what may be said of those who do not exist.</summary>
public sealed class Accounts(UserStore users, SignInOptions options)
{
    /// <summary>Finds a user by name, sub or alias.</summary>
    public Task<User?> Find(UserPool pool, string typed, CancellationToken cancel) => users.Find(pool.Id, typed, pool.CaseSensitive, cancel);

    /// <summary>Finds a user or refuses, for callers who may know that there is none.</summary>
    public async Task<User> Get(UserPool pool, string typed, CancellationToken cancel) =>
        await Find(pool, typed, cancel) ?? throw new RefusedException(Refusal.UserNotFound);

    /// <summary>Whether a client must not learn which users exist.</summary>
    public bool Hides(AppClient client) => client.PreventsUserExistenceErrors ?? options.PreventUserExistenceErrors;
}
