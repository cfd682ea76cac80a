using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Sessions;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Rotation by the rules of design §3, and the feed that says whatever ends.</summary>
public class SessionTests
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    [Theory, OnBoth]
    public async Task The_predecessor_is_answered_again_within_its_grace_and_ends_the_family_after_it(Product product)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var test = await TestDatabase.Open(product, clock);
        var session = await Users.SignIn(test);

        Assert.Equal(Rotation.Done, await Rotate(test, session, 0));
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(Rotation.Repeated, await Rotate(test, session, 0));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Rotation.Reused, await Rotate(test, session, 0));
        Assert.Equal(Rotation.Revoked, await Rotate(test, session, 1));
        Assert.Equal(SessionEnd.RefreshTokenReused, (await Find(test, session)).EndReason);
    }

    [Theory, OnBoth]
    public async Task Two_generations_back_is_reuse_even_within_the_grace(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var session = await Users.SignIn(test);
        await Rotate(test, session, 0);
        await Rotate(test, session, 1);
        Assert.Equal(Rotation.Reused, await Rotate(test, session, 0));
    }

    [Theory, OnBoth]
    public async Task A_generation_from_the_future_is_refused_and_the_family_lives(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var session = await Users.SignIn(test);
        Assert.Equal(Rotation.Ahead, await Rotate(test, session, 5));
        Assert.Null((await Find(test, session)).RevokedAt);
    }

    [Theory, OnBoth]
    public async Task Rotation_never_moves_the_end_and_stops_at_it(Product product)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var test = await TestDatabase.Open(product, clock);
        var session = await Users.SignIn(test);
        await Rotate(test, session, 0);
        Assert.Equal(session.EndsAt, (await Find(test, session)).EndsAt);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Rotation.Expired, await Rotate(test, session, 1));
    }

    [Theory, OnBoth]
    public async Task Every_ended_session_is_in_the_feed_once_in_one_sequence_without_gaps(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var sessions = new List<Session>();
        for (var i = 0; i < 40; i++) sessions.Add(await Users.SignIn(test));

        await Race.Together(80, racer => test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, sessions[racer / 2], SessionEnd.Revoked)));

        var feed = await test.Database.Many("select seq, value from revocations order by seq", row => (Seq: row.GetInt64(0), Id: row.GetString(1)), default);
        Assert.Equal(Enumerable.Range(1, 40).Select(seq => (long)seq), feed.Select(entry => entry.Seq));
        Assert.Equal(sessions.Select(session => session.Id).Order(), feed.Select(entry => entry.Id).Order());
    }

    [Theory, OnBoth]
    public async Task A_sign_in_that_races_a_sign_out_everywhere_or_a_disable_never_survives_it(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        for (var round = 0; round < 60; round++)
        {
            var user = Users.Named($"user-{round}");
            await test.Database.Write(tx => UserStore.Insert(tx, user, caseSensitive: true, [], false));
            var signIn = Task.Run(() => test.Database.Write(tx => SessionStore.Insert(tx, Users.SessionOf(user, tx.Now))));
            var disable = Task.Run(() => test.Database.WriteEvenIfFull(async tx =>
            {
                var now = await UserStore.Lock(tx, "p", user.Sub);
                await UserStore.Update(tx, now! with { Enabled = false }, [], false);
                return await SessionStore.EndUser(tx, "p", user.Sub, SessionEnd.UserDisabled);
            }));
            await Task.WhenAll(signIn, disable);
            Assert.Equal(0, await test.Number($"select count(*) from sessions where user_sub = '{user.Sub}' and revoked_at is null"));
        }
    }

    [Theory, OnBoth]
    public async Task A_disabled_or_deleted_user_gets_no_session(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var user = Users.Named("ana");
        await test.Database.Write(tx => UserStore.Insert(tx, user with { Enabled = false }, caseSensitive: true, [], false));
        Assert.False(await test.Database.Write(tx => SessionStore.Insert(tx, Users.SessionOf(user, tx.Now))));
        await test.Database.Write(tx => UserStore.Delete(tx, "p", user.Sub));
        Assert.False(await test.Database.Write(tx => SessionStore.Insert(tx, Users.SessionOf(user, tx.Now))));
    }

    [Theory, OnBoth]
    public async Task A_feed_entry_is_kept_as_long_as_an_access_token_of_its_client_can_live(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Sql("insert into clients (id, pool_id, name, settings, access_ms, access_ms_before, access_changed_at, created_at, modified_at) values ('c', 'p', 'n', '{}', 300000, 7200000, 0, 0, 0)");
        var session = await Users.SignIn(test);
        await test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, session, SessionEnd.Revoked));
        Assert.Equal(300_000 + 120_000, await test.Number("select keep_until - at from revocations"));

        await test.Sql($"update clients set access_changed_at = {test.Database.Now}");
        var other = await Users.SignIn(test);
        await test.Database.WriteEvenIfFull(tx => SessionStore.End(tx, other, SessionEnd.Revoked));
        Assert.Equal(7_200_000 + 120_000, await test.Number("select max(keep_until - at) from revocations"));
    }

    static Task<Rotation> Rotate(TestDatabase test, Session session, long generation) =>
        test.Database.WriteEvenIfFull(tx => SessionStore.Rotate(tx, session.Id, generation, Grace));

    static async Task<Session> Find(TestDatabase test, Session session) => (await new SessionStore(test.Database).Find(session.Id, default))!;
}
