using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage.Tests;

/// <summary>Users and sessions for tests that are about something else.</summary>
static class Users
{
    public static User Named(string name, params (string Name, string Value)[] attributes) => new(
        "p", Ids.Uuid(), name, UserStatus.Confirmed, true, attributes.ToDictionary(one => one.Name, one => one.Value), null, null, 1, 1);

    public static Session SessionOf(User user, long now) =>
        new(Ids.Uuid(), user.PoolId, "c", user.Sub, Birth.Api, "s", null, now, now + 3_600_000, 0, 1, new byte[16], 0);

    /// <summary>A new user with one session.</summary>
    public static async Task<Session> SignIn(TestDatabase test, User? user = null)
    {
        if (user is null)
        {
            user = Named(Ids.Uuid());
            await test.Database.Write(tx => UserStore.Insert(tx, user, caseSensitive: true, [], false));
        }
        var session = SessionOf(user, test.Database.Now);
        await test.Database.Write(tx => SessionStore.Insert(tx, session));
        return session;
    }

    /// <summary>A session that was started and ended.</summary>
    public static async Task<Session> End(TestDatabase test)
    {
        var session = await SignIn(test);
        await test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, session, SessionEnd.Revoked));
        return session;
    }
}
