using System.Text;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>The queue of messages: nothing is lost, nothing is delivered by two at once, and what failed stays to be seen.</summary>
public class MessageTests
{
    static readonly Sealing Sealing = new(MasterKey.Create());
    static readonly Destination Mail = new("email", "ana@example.com");
    readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Theory, OnBoth]
    public async Task Messages_of_the_same_millisecond_have_an_order(Product product)
    {
        await using var test = await TestDatabase.Open(product, clock);
        var messages = new MessageStore(test.Database, Sealing);
        for (var i = 0; i < 12; i++) await Post(test, messages, null, $"{i:D6}");
        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(i => $"{i:D6}"), (await messages.Latest(100, default)).Select(sent => sent.Message!.Code));
    }

    [Theory, OnBoth]
    public async Task A_claim_that_lapses_makes_the_message_due_again_and_its_holder_has_nothing_to_say_any_more(Product product)
    {
        await using var test = await TestDatabase.Open(product, clock);
        var messages = new MessageStore(test.Database, Sealing);
        await Post(test, messages, MessageLane.Mail);
        var id = Assert.Single(await messages.Due(MessageLane.Mail, 10, default));
        var lost = (await messages.Claim(id, TimeSpan.FromMinutes(2)))!;
        Assert.Empty(await messages.Due(MessageLane.Mail, 10, default));

        clock.Advance(TimeSpan.FromMinutes(2));
        var second = (await messages.Claim(Assert.Single(await messages.Due(MessageLane.Mail, 10, default)), TimeSpan.FromMinutes(2)))!;
        Assert.False(await messages.Failed(lost, "too late", null));
        await messages.Release(lost);
        Assert.Empty(await messages.Due(MessageLane.Mail, 10, default));
        Assert.Equal((2L, "123456"), (second.Tries, second.Message!.Code));
        await messages.Delivered(second, keep: false);
        Assert.Empty(await messages.Latest(10, default));
    }

    [Theory, OnBoth]
    public async Task What_failed_is_due_when_it_was_said_and_what_was_given_up_only_when_it_is_asked_for(Product product)
    {
        await using var test = await TestDatabase.Open(product, clock);
        var messages = new MessageStore(test.Database, Sealing);
        await Post(test, messages, MessageLane.Mail);
        await Post(test, messages, MessageLane.Sms);
        Assert.Equal([null, null], (await messages.Undelivered(10, default)).Select(one => one.Trouble));

        var mail = (await messages.Claim(Assert.Single(await messages.Due(MessageLane.Mail, 10, default)), TimeSpan.FromMinutes(2)))!;
        Assert.True(await messages.Failed(mail, "451 busy", test.Database.Now + 8_000));
        clock.Advance(TimeSpan.FromSeconds(7));
        Assert.Empty(await messages.Due(MessageLane.Mail, 10, default));
        clock.Advance(TimeSpan.FromSeconds(1));
        mail = (await messages.Claim(Assert.Single(await messages.Due(MessageLane.Mail, 10, default)), TimeSpan.FromMinutes(2)))!;
        Assert.Equal((2L, "451 busy"), (mail.Tries, mail.Trouble));
        Assert.True(await messages.Failed(mail, "550 no", null));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await messages.Due(MessageLane.Mail, 10, default));

        Assert.Equal(0, await messages.Retry("another"));
        Assert.Equal(1, await messages.Retry(null));
        Assert.Equal([mail.Id], await messages.Due(MessageLane.Mail, 10, default));
    }

    [Theory, OnBoth]
    public async Task What_was_delivered_and_is_kept_is_not_in_any_queue(Product product)
    {
        await using var test = await TestDatabase.Open(product, clock);
        var messages = new MessageStore(test.Database, Sealing);
        await Post(test, messages, MessageLane.Mail);
        var claimed = (await messages.Claim(Assert.Single(await messages.Due(MessageLane.Mail, 10, default)), TimeSpan.FromMinutes(2)))!;
        await messages.Delivered(claimed, keep: true);
        Assert.Single(await messages.Latest(10, default));
        Assert.Empty(await messages.Undelivered(10, default));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await messages.Due(MessageLane.Mail, 10, default));
    }

    [Theory, OnBoth]
    public async Task A_message_is_sealed_and_one_whose_key_is_gone_is_listed_without_its_content(Product product)
    {
        await using var test = await TestDatabase.Open(product, clock);
        await Post(test, new(test.Database, Sealing), MessageLane.Mail);
        var content = (await test.Database.One("select content from messages", row => row.GetFieldValue<byte[]>(0), default))!;
        Assert.Equal(-1, content.AsSpan().IndexOf(Encoding.UTF8.GetBytes("ana@example.com")));
        Assert.Equal(-1, content.AsSpan().IndexOf("123456"u8));
        Assert.Null(Assert.Single(await new MessageStore(test.Database, new(MasterKey.Create())).Undelivered(10, default)).Message);
    }

    static Task Post(TestDatabase test, MessageStore messages, string? lane, string code = "123456") =>
        test.Database.Write(tx => messages.Insert(tx, Messages.To(Mail, tx.Now, code), lane));
}
