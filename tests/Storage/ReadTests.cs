using Poolhouse.Core.Sessions;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Reads by connections whose statements are kept from one read to the next.</summary>
public class ReadTests
{
    [Theory, OnBoth]
    public async Task The_same_read_sees_what_was_written_in_between(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table t (n bigint)");
        for (var written = 1L; written <= 20; written++)
        {
            await test.Database.Write(tx => tx.Execute("insert into t values (@n)", ("n", written)));
            Assert.Equal(written, await test.Database.One("select max(n) from t where n <= @most", row => row.GetInt64(0), default, ("most", 100L)));
        }
    }

    [Theory, OnBoth]
    public async Task A_statement_may_name_its_values_in_any_order_twice_or_not_at_all(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table t (a bigint, b text)");
        for (var time = 0; time < 2; time++)
            await test.Database.Write(tx => tx.Execute("insert into t values (@a, @b)", ("unused", "x"), ("b", "of " + time), ("a", (long)time)));

        Task<string?> Find(long a, string? b) => test.Database.One(
            "select b from t where (b = @b or a = @a) and (a = @a or b = @b) and '@b' <> b", row => row.GetString(0), default, ("a", a), ("b", b), ("more", 7L));
        Assert.Equal(("of 1", "of 0", null), (await Find(1, null), await Find(9, "of 0"), await Find(9, "of 9")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.One("select a from t where a = @a", row => row.GetInt64(0), default, ("b", 1L)));
    }

    [Theory, OnBoth]
    public async Task A_read_that_throws_half_way_spoils_none_that_follows(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("create table t (n bigint)");
        await test.Sql("insert into t values (1), (2), (3)");
        const string All = "select n from t order by n";
        for (var time = 0; time < 40; time++)
        {
            await Assert.ThrowsAsync<FormatException>(() => test.Database.Many(All, row => row.GetInt64(0) == 2 ? throw new FormatException() : 0, default));
            Assert.Equal([1, 2, 3], await test.Database.Many(All, row => row.GetInt64(0), default));
        }
        // Nothing that stands half-way holds back a write, or the end of the write-ahead log.
        await test.Sql("drop table t");
    }

    [Theory, OnBoth]
    public async Task Reads_side_by_side_each_have_a_connection_of_their_own(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var sessions = new SessionStore(test.Database);
        var born = new List<Session>();
        for (var number = 0; number < 8; number++) born.Add(await Users.SignIn(test));
        await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(async () =>
        {
            for (var time = 0; time < 50; time++)
            {
                var wanted = born[(number + time) % born.Count];
                var (session, user) = await sessions.FindWithUser(wanted.Id, default);
                Assert.Equal((wanted.Id, wanted.UserSub), (session!.Id, user!.Sub));
            }
        })));
    }

    [Theory, OnBoth]
    public async Task A_session_is_found_with_its_user_and_whether_groups_are_to_be_read(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var sessions = new SessionStore(test.Database);
        var born = await Users.SignIn(test);
        var (session, user) = await sessions.FindWithUser(born.Id, default);
        Assert.Equivalent(await sessions.Find(born.Id, default), session, strict: true);
        Assert.Equivalent(await new UserStore(test.Database).Get("p", born.UserSub, default), user! with { MayHaveGroups = true }, strict: true);
        Assert.False(user.MayHaveGroups);

        await test.Database.Write(tx => GroupStore.Insert(tx, new("p", "staff", null, null, null, 1, 1)));
        await test.Database.Write(tx => GroupStore.Add(tx, "p", "staff", born.UserSub));
        Assert.True((await sessions.FindWithUser(born.Id, default)).User!.MayHaveGroups);

        await test.Database.Write(tx => UserStore.Delete(tx, "p", born.UserSub));
        (session, user) = await sessions.FindWithUser(born.Id, default);
        Assert.Equal((born.Id, null), (session!.Id, user));
        Assert.Equal((null, null), await sessions.FindWithUser("no such session", default));
    }
}
