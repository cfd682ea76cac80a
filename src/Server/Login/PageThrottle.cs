using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Login;

/// <summary>
/// Quotas of the pages per typed name, whether or not such a user exists: those of the use cases count for real users only,
/// and would tell them apart from the others.
/// </summary>
sealed class PageThrottle(Database database, ThrottleStore throttles)
{
    /// <summary>Takes one code to be sent; false if too many were asked for.</summary>
    public Task<bool> TakeCode(UserPool pool, string username) => Take("page-codes-sent", pool, username, 5, TimeSpan.FromHours(1));

    /// <summary>Takes one try of a code; false if there were too many.</summary>
    public Task<bool> TakeTry(UserPool pool, string username) => Take("page-codes-tried", pool, username, 20, TimeSpan.FromDays(1));

    Task<bool> Take(string what, UserPool pool, string username, int quota, TimeSpan window) =>
        database.Write(tx => throttles.Take(tx, $"{what}/{pool.Id}/{Folding.Fold(username)}", quota, window));
}
