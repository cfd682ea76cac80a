using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Whatever may happen once: eight racers, two hundred rounds, one winner each, on both databases.</summary>
public class SingleUseTests
{
    static readonly MasterKey Master = MasterKey.Create();
    static readonly Destination Mail = new("email", "ana@example.com");

    [Theory, OnBoth]
    public async Task An_authorization_code_is_spent_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var codes = new AuthorizationCodeStore(test.Database, Master);
        await Race.OneWinner(
            round => test.Database.Write(tx => codes.Insert(tx, $"code-{round}", new("p", "c", "u", "https://a", null, "openid", null, null, 0, tx.Now + 60_000))),
            (round, _) => test.Database.Write(tx => codes.Spend(tx, $"code-{round}", Ids.Uuid())));
    }

    [Theory, OnBoth]
    public async Task A_challenge_is_answered_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var challenges = new ChallengeStore(test.Database, Master, new Sealing(Master));
        var handle = "";
        await Race.OneWinner(
            async _ => handle = await test.Database.Write(tx => challenges.Insert(tx, new("p", "c", "u", "NEW_PASSWORD_REQUIRED", "{}", tx.Now + 60_000))),
            (_, _) => test.Database.Write(tx => challenges.Spend(tx, handle)));
    }

    [Theory, OnBoth]
    public async Task A_message_is_claimed_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var messages = new MessageStore(test.Database, new Sealing(Master));
        var id = "";
        await Race.OneWinner(
            async _ =>
            {
                await test.Database.Write(tx => messages.Insert(tx, Messages.To(Mail, tx.Now), MessageLane.Mail));
                id = Assert.Single(await messages.Due(MessageLane.Mail, 10, default));
            },
            async (_, _) => await messages.Claim(id, TimeSpan.FromMinutes(2)) is not null);
    }

    [Theory, OnBoth]
    public async Task A_confirmation_code_is_right_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var codes = new ConfirmationCodeStore(test.Database, Master);
        var code = "";
        await Race.OneWinner(
            async _ => code = await test.Database.Write(tx => codes.Issue(tx, "p", "u", CodePurpose.SignUp, Mail, TimeSpan.FromHours(1))),
            async (_, _) => (await test.Database.Write(tx => codes.Try(tx, "p", "u", CodePurpose.SignUp, code))).Result == CodeTry.Right);
    }

    [Theory, OnBoth]
    public async Task Of_many_parallel_guesses_at_a_code_five_are_evaluated(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var codes = new ConfirmationCodeStore(test.Database, Master);
        var code = await test.Database.Write(tx => codes.Issue(tx, "p", "u", CodePurpose.PasswordReset, Mail, TimeSpan.FromHours(1)));
        var wrong = code == "000000" ? "000001" : "000000";

        var results = await Race.Together(200, _ => test.Database.Write(tx => codes.Try(tx, "p", "u", CodePurpose.PasswordReset, wrong)));
        var after = await test.Database.Write(tx => codes.Try(tx, "p", "u", CodePurpose.PasswordReset, code));

        Assert.Equal(ConfirmationCodeStore.MaxTries, results.Count(result => result.Result == CodeTry.Wrong));
        Assert.Equal(CodeTry.Expired, after.Result);
    }

    [Theory, OnBoth]
    public async Task A_user_name_is_taken_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await Race.OneWinner(
            _ => Task.CompletedTask,
            async (round, _) => await test.Database.Write(tx => UserStore.Insert(tx, Users.Named($"User-{round}"), caseSensitive: false, [], false)) == UserWrite.Done);
    }

    [Theory, OnBoth]
    public async Task An_alias_is_held_by_one_user_and_the_others_are_not_there_at_all(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await Race.OneWinner(
            _ => Task.CompletedTask,
            async (round, racer) => await test.Database.Write(tx => UserStore.Insert(
                tx, Users.Named($"{round}-{racer}", ("email", $"Ana{round}@example.com")), caseSensitive: true, ["email"], false)) == UserWrite.Done,
            rounds: 50);
        Assert.Equal(50, await test.Number("select count(*) from users"));
    }

    [Theory, OnBoth]
    public async Task A_generation_of_a_refresh_token_is_rotated_once_and_the_others_get_the_same_successor(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var session = await Users.SignIn(test);
        for (var generation = 0; generation < 200; generation++)
        {
            var outcomes = await Race.Together(8, _ => test.Database.Write(tx => SessionStore.Rotate(tx, session.Id, generation, TimeSpan.FromSeconds(60))));
            Assert.Single(outcomes, Rotation.Done);
            Assert.Equal(7, outcomes.Count(outcome => outcome == Rotation.Repeated));
        }
        Assert.Equal(200, (await new SessionStore(test.Database).Find(session.Id, default))!.Generation);
    }

    [Theory, OnBoth]
    public async Task Without_grace_a_race_for_one_generation_ends_the_family_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var session = await Users.SignIn(test);
        var outcomes = await Race.Together(8, _ => test.Database.Write(tx => SessionStore.Rotate(tx, session.Id, 0, TimeSpan.Zero)));
        Assert.Single(outcomes, Rotation.Done);
        Assert.Single(outcomes, Rotation.Reused);
        Assert.Equal(6, outcomes.Count(outcome => outcome == Rotation.Revoked));
        Assert.Equal(1, await test.Number("select count(*) from revocations"));
    }

    [Theory, OnBoth]
    public async Task The_first_signing_keys_of_a_pool_are_the_same_for_all_nodes(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        // Importing costs nothing beside making: each racer brings keys of its own from a stock.
        var stock = Enumerable.Range(0, 4).Select(_ => (Id: SigningKey.Create(KeyUse.Id), Access: SigningKey.Create(KeyUse.Access))).ToArray();
        for (var round = 0; round < 20; round++)
        {
            var pool = $"pool-{round}";
            var found = await Race.Together(4, racer => new SigningKeyStore(
                test.Database, new Sealing(Master), use => Renamed(use == KeyUse.Id ? stock[racer].Id : stock[racer].Access, pool)).Signing(pool).AsTask());
            Assert.Single(found.Select(keys => (keys.Id.Kid, keys.Access.Kid)).Distinct());
        }
    }

    static SigningKey Renamed(SigningKey key, string pool) => SigningKey.Import($"{key.Kid}/{pool}", key.Use, key.Export().ToArray());
}
