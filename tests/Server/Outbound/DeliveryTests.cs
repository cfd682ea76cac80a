using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Users;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Outbound;

/// <summary>What becomes of posted messages: their texts, the links in them, and how often whoever takes them is asked.</summary>
public class DeliveryTests
{
    const string ByLink = """{"AutoVerifiedAttributes": ["email"], "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"} }""";
    const string Kms = "\"KMSKeyID\": \"arn:aws:kms:us-east-1:000000000000:key/x\"";

    readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task The_inbox_is_in_order_although_no_time_passes()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, pool: """{"AutoVerifiedAttributes": ["email"]}""");
        await SignUp(app, "ana");
        for (var i = 0; i < 4; i++) Assert.Equal(200, (await app.Try("ResendConfirmationCode", """{"Username": "ana"}""")).Status);
        var inbox = JsonNode.Parse(await server.Http.GetStringAsync($"{server.Url}/dev/inbox"))!.AsArray();
        Assert.Equal(["ResendCode", "ResendCode", "ResendCode", "ResendCode", "SignUp"], inbox.Select(one => (string)one!["kind"]!));
        Assert.Equal(200, (await app.Try("ConfirmSignUp", $$"""{"Username": "ana", "ConfirmationCode": "{{inbox[0]!["code"]}}" }""")).Status);
    }

    [Fact]
    public async Task A_link_confirms_who_signed_up_and_nobody_else()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: ByLink);
        await SignUp(app, "ana");
        await SignUp(app, "bea");
        var sent = await Sent(server, "ana");
        Assert.Equal(("Your verification link", $"Please click the link below to verify your email address. <a href=\"{WebUtility.HtmlEncode(sent.Text!.Link)}\">Verify Email</a>"),
            (sent.Text.Subject, sent.Text.Body));
        var link = sent.Text.Link!;
        var other = await App.Start(server, poolId: app.PoolId);
        var stranger = await App.Start(server, pool: ByLink);
        foreach (var wrong in (string[])[
            link.Replace("user_name=ana", "user_name=bea"), link.Replace("user_name=ana", "user_name=nobody"), link.Replace(app.ClientId, stranger.ClientId),
            link.Replace("confirmation_code=", "confirmation_code=x"), link + "&user_name=bea", link.Replace("&user_name=ana", ""), link.Replace("user_name=ana", "user_name=%00")])
            Assert.Equal(HttpStatusCode.BadRequest, await Follow(server, wrong));
        Assert.Equal("UNCONFIRMED", (await User(app, "ana")).Status);
        // It is the user's code, whichever of the pool's clients asks.
        Assert.Equal(HttpStatusCode.OK, await Follow(server, link.Replace(app.ClientId, other.ClientId)));
        Assert.Equal(("CONFIRMED", "true"), ((await User(app, "ana")).Status, (string?)(await User(app, "ana")).Attributes["email_verified"]));
        Assert.Equal(HttpStatusCode.BadRequest, await Follow(server, link));
        Assert.Equal("UNCONFIRMED", (await User(app, "bea")).Status);
    }

    [Fact]
    public async Task Guessing_at_a_link_ends_soon()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: ByLink);
        await SignUp(app, "ana");
        var link = (await Sent(server, "ana")).Text!.Link!;
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.BadRequest, await Follow(server, $"{link[..^6]}{(link.EndsWith("000000", StringComparison.Ordinal) ? "000001" : "000000")}"));
        Assert.Equal(HttpStatusCode.BadRequest, await Follow(server, link));
        Assert.Equal("UNCONFIRMED", (await User(app, "ana")).Status);
    }

    [Fact]
    public async Task Only_the_mail_of_a_sign_up_has_a_link()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: ByLink);
        await app.User("ana");
        await app.Try("ForgotPassword", """{"Username": "ana"}""");
        var sent = await Sent(server, "ana");
        Assert.Equal(($"Your password reset code is {sent.Code}", false, null), (sent.Text!.Body, sent.Text.Html, sent.Text.Link));
    }

    [Fact]
    public async Task A_function_may_word_the_link()
    {
        await using var functions = await Functions.Start();
        await using var server = await PoolhouseTestServer.Start(settings: settings => settings with { Triggers = new(Endpoint: functions.Url) });
        var app = await App.Start(server, pool: $$"""
            {"AutoVerifiedAttributes": ["email"], "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"},
             "LambdaConfig": {"CustomMessage": "{{functions.Returns("word-link", """{"emailMessage":"Go {##there##}","emailSubject":"Go"}""")}}"} }
            """);
        await SignUp(app, "ana");
        var sent = await Sent(server, "ana");
        Assert.Equal(("Go", $"Go <a href=\"{WebUtility.HtmlEncode(sent.Text!.Link)}\">there</a>"), (sent.Text.Subject, sent.Text.Body));
    }

    [Fact]
    public async Task What_is_put_into_a_text_is_not_looked_at_again()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: """{"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "{username}/{####}/{##x##}"} } }""");
        await app.About("{####}", "AdminCreateUser", """{"TemporaryPassword": "{username}Aa1-<", "UserAttributes": [{"Name": "phone_number", "Value": "+15550100"}]}""");
        Assert.Equal("{####}/{username}Aa1-</{##x##}", (await Sent(server, "{####}")).Text!.Body);
    }

    [Fact]
    public async Task A_function_that_is_away_is_called_again_and_one_that_throws_three_times_in_all()
    {
        await using var functions = await Functions.Start();
        await using var server = await PoolhouseTestServer.Start(clock: clock, settings: settings => settings with { Triggers = new(Endpoint: functions.Url, SenderKey: SenderKey) });
        var calls = 0;
        functions.Deploy("away", call => ++calls == 1 ? new("{}", 500) : new(Functions.With(call, null)));
        var away = await Sending(server, Functions.Arn("away"));
        await SignUp(away, "ana");
        await Tried(server, "was not taken by function at try 1: the function was not reached: HTTP 500");
        clock.Advance(TimeSpan.FromSeconds(3));
        await Tried(server, "was taken by function at try 2");

        var throws = await Sending(server, functions.Throws("throws", "ana@example.com bounced"));
        await SignUp(throws, "bea");
        foreach (var outcome in (string[])["not taken by function at try 1: the function threw", "not taken by function at try 2: the function threw", "given up by function after try 3: the function threw"])
        {
            await Tried(server, outcome);
            clock.Advance(TimeSpan.FromSeconds(10));
        }
        Assert.Equal(3, functions.Calls("throws").Count);
        Assert.Equal(functions.Calls("throws")[0].Request["userAttributes"]!.ToJsonString(), functions.Calls("throws")[2].Request["userAttributes"]!.ToJsonString());
    }

    [Fact]
    public async Task A_code_that_has_expired_is_not_sent_any_more()
    {
        await using var functions = await Functions.Start();
        await using var server = await PoolhouseTestServer.Start(clock: clock, settings: settings => settings with { Triggers = new(Endpoint: functions.Url, SenderKey: SenderKey) });
        var app = await Sending(server, functions.Deploy("late", _ => new FunctionReply("{}", 503)));
        await SignUp(app, "ana");
        await Tried(server, "at try 1: the function was not reached: HTTP 503");
        clock.Advance(TimeSpan.FromHours(24));
        await Tried(server, "given up by function after try 2: what it carries has expired");
        Assert.Single(functions.Calls("late"));
    }

    static Task<App> Sending(PoolhouseTestServer server, string arn) => App.Start(server, pool:
        $$$"""{"AutoVerifiedAttributes": ["email"], "LambdaConfig": {{{{Kms}}}, "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": "{{{arn}}}"} } }""");

    static async Task<OutgoingMessage> Sent(PoolhouseTestServer server, string username) =>
        (await server.Service<MessageStore>().Latest(50, default)).Select(sent => sent.Message!).First(message => message.Username == username);

    static async Task<HttpStatusCode> Follow(PoolhouseTestServer server, string link)
    {
        using var reply = await server.Http.GetAsync(new Uri(link));
        Assert.Equal("text/html", reply.Content.Headers.ContentType?.MediaType);
        return reply.StatusCode;
    }

    static async Task Tried(PoolhouseTestServer server, string line)
    {
        for (var i = 0; !server.Log.Any(one => one.Contains(line, StringComparison.Ordinal)); i++)
        {
            Assert.True(i < 1000, $"Never logged: {line}\n{string.Join('\n', server.Log)}");
            await Task.Delay(20);
        }
    }
}
