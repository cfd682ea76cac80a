using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Groups;

/// <summary>Who is in which group.</summary>
sealed class Memberships(Database database, Accounts accounts, GroupStore groups, UserStore users)
{
    /// <summary>The user, or the refusal that there is none.</summary>
    public Task<User> User(UserPool pool, string username, CancellationToken cancel) => accounts.Get(pool, username, cancel);

    /// <summary>The group, or the refusal that there is none.</summary>
    public async Task<Group> Group(UserPool pool, string name, CancellationToken cancel) =>
        await groups.Find(pool.Id, name, cancel) ?? throw new RefusedException(Refusal.GroupNotFound);

    /// <summary>A page of a user's groups, by name.</summary>
    public Task<List<Group>> GroupsOf(User user, string after, int limit, CancellationToken cancel) =>
        groups.OfUser(user.PoolId, user.Sub, after, limit, cancel);

    /// <summary>A page of a group's members, by sub.</summary>
    public Task<List<User>> UsersOf(Group group, string after, int limit, CancellationToken cancel) =>
        users.InGroup(group.PoolId, group.Name, after, limit, cancel);

    /// <summary>Puts a user into a group.</summary>
    public async Task Add(User user, string group)
    {
        var refused = await database.Write(async tx =>
            // The user's row is locked: a membership of a user who is being deleted would stay behind.
            await UserStore.Lock(tx, user.PoolId, user.Sub) is null ? Refusal.UserNotFound
            : await GroupStore.Add(tx, user.PoolId, group, user.Sub) ? (Refusal?)null : Refusal.GroupNotFound);
        if (refused is { } reason) throw new RefusedException(reason);
    }

    /// <summary>Takes a user out of a group, in which the user need not be.</summary>
    public Task Remove(User user, Group group) => database.Write(tx => GroupStore.Remove(tx, user.PoolId, group.Name, user.Sub));
}
