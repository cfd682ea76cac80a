using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Codes that prove addresses, secrets of clients and passwords of the past, on both databases and under races.</summary>
public class ProofTests
{
    static readonly MasterKey Master = MasterKey.Create();

    [Theory, OnBoth]
    public async Task A_code_names_the_address_that_it_went_to_and_is_right_once(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var codes = new ConfirmationCodeStore(test.Database, Master);
        var (code, to) = ("", new Destination("email", ""));
        await Race.OneWinner(
            async round => code = await test.Database.Write(tx => codes.Issue(tx, "p", "u", CodePurpose.Email, to = new("email", $"ana{round}@example.com"), TimeSpan.FromHours(1))),
            async (_, _) => await test.Database.Write(tx => codes.Try(tx, "p", "u", CodePurpose.Email, code)) is { Result: CodeTry.Right, SentTo: { } proven } && proven == to,
            rounds: 100);
    }

    [Theory, OnBoth]
    public async Task Codes_of_each_kind_live_side_by_side_and_end_with_their_address(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var codes = new ConfirmationCodeStore(test.Database, Master);
        async Task<string> Issue(CodePurpose purpose, Destination to) => await test.Database.Write(tx => codes.Issue(tx, "p", "u", purpose, to, TimeSpan.FromHours(1)));
        var (mail, phone) = (new Destination("email", "new@example.com"), new Destination("phone_number", "+15550100"));
        await Issue(CodePurpose.PasswordReset, mail with { Address = "old@example.com" });
        await Issue(CodePurpose.Email, mail);
        var number = await Issue(CodePurpose.PhoneNumber, phone);
        Assert.Equal("new@example.com", await codes.SentTo("p", "u", CodePurpose.Email, default));

        await test.Database.Write(tx => ConfirmationCodeStore.EndSentTo(tx, "p", "u", "email"));
        Assert.Null(await codes.SentTo("p", "u", CodePurpose.Email, default));
        Assert.Null(await codes.SentTo("p", "u", CodePurpose.PasswordReset, default));
        Assert.Equal((CodeTry.Right, phone), await test.Database.Write(tx => codes.Try(tx, "p", "u", CodePurpose.PhoneNumber, number)));
    }

    [Theory, OnBoth]
    public async Task Of_many_who_add_a_second_secret_one_does_and_of_many_who_delete_one_stays(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var clients = new ClientStore(test.Database, new Sealing(Master));
        await test.Database.Write(tx => PoolStore.Create(tx, new("p", "p", "us-east-1", new(), StandardSchema.Attributes, 1, 1)));
        var id = "";
        await Race.OneWinner(
            async round =>
            {
                var client = new AppClient(id = $"c{round}", "p", "c", new ClientSettings(), [new("first")], test.Database.Now, 1);
                await test.Database.Write(tx => ClientStore.Create(tx, client, clients.Seal(client)));
            },
            async (_, racer) => (await test.Database.Write(tx => ClientStore.AddSecret(tx, id, clients.Seal(new(id, "p", "c", new ClientSettings(), [], 1, 1), new Secret($"second {racer}"))))).Result == SecretWrite.Done,
            rounds: 50);

        var held = await clients.Secrets(id, default);
        Assert.Equal(2, held.Count);
        var deleted = await Race.Together(8, racer => test.Database.Write(tx => ClientStore.DeleteSecret(tx, id, held[racer % 2].Id)));
        Assert.Single(deleted, SecretWrite.Done);
        Assert.Single(await clients.Secrets(id, default));
        Assert.Single((await clients.Find(id, default))!.Secrets);
        Assert.Equal(SecretWrite.ClientGone, (await test.Database.Write(tx => ClientStore.AddSecret(tx, "none", [1]))).Result);
    }

    [Theory, OnBoth]
    public async Task As_many_passwords_are_remembered_as_there_shall_be_the_newest_first(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var history = new PasswordHistoryStore(test.Database);
        // All in one transaction, and so at one time: their order is kept all the same.
        await test.Database.Write(async tx =>
        {
            for (var i = 1; i <= 5; i++) await PasswordHistoryStore.Add(tx, "p", "u", $"h{i}", keep: 3);
            await PasswordHistoryStore.Add(tx, "p", "other", "x", keep: 3);
        });
        Assert.Equal(["h5", "h4", "h3"], await history.Last("p", "u", 24, default));
        Assert.Equal(["h5"], await history.Last("p", "u", 1, default));
        await test.Database.Write(tx => PasswordHistoryStore.Add(tx, "p", "u", "h6", keep: 0));
        Assert.Empty(await history.Last("p", "u", 24, default));
        Assert.Equal(["x"], await history.Last("p", "other", 24, default));
    }
}
