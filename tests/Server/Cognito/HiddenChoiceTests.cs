using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>USER_AUTH where a client must not learn who exists: the choice that somebody who does not exist seems to have.</summary>
public class HiddenChoiceTests
{
    const string Hiding = """{"ExplicitAuthFlows": ["ALLOW_USER_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""";
    const string Everything = """ "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]} } """;

    readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Whatever_a_user_is_offered_some_who_do_not_exist_are_offered_too_and_each_the_same_every_time()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, $"{{{Everything}}}");
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true} }"""));
        await app.User("mail");
        await app.Admin.User(app.PoolId, "bare");
        await app.Admin.User(app.PoolId, "both", attributes: JsonNode.Parse(App.List("email=both@example.com", "phone_number=+15550109934"))!.AsArray());
        await app.About("code", "AdminCreateUser", $$"""{"MessageAction": "SUPPRESS", "UserAttributes": {{App.List("email=code@example.com")}} }""");

        var unknown = new Dictionary<string, string>();
        for (var i = 0; i < 200; i++) unknown[$"nobody-{i}"] = await Offered(app, $"nobody-{i}");
        Assert.Equal("PASSWORD PASSWORD_SRP | PASSWORD PASSWORD_SRP EMAIL_OTP | PASSWORD PASSWORD_SRP EMAIL_OTP SMS_OTP | EMAIL_OTP",
            string.Join(" | ", await Offered(app, "bare"), await Offered(app, "mail"), await Offered(app, "both"), await Offered(app, "code")));
        foreach (var name in (string[])["bare", "mail", "both", "code"]) Assert.Contains(await Offered(app, name), unknown.Values);
        foreach (var (name, offered) in unknown.Take(20)) Assert.Equal(offered, await Offered(app, name));
    }

    [Theory]
    [InlineData(""" "UsernameAttributes": ["email"] """, "nobody-{0}@example.com")]
    [InlineData(""" "UsernameAttributes": ["email"] """, "nobody-{0}")]
    [InlineData(""" "UsernameAttributes": ["email", "phone_number"] """, "nobody-{0}@example.com")]
    [InlineData(""" "AliasAttributes": ["email"] """, "nobody-{0}@example.com")]
    [InlineData(""" "AutoVerifiedAttributes": ["email"] """, "nobody-{0}")]
    [InlineData(""" "Schema": [{"Name": "email", "Required": true, "Mutable": true}] """, "nobody-{0}")]
    public async Task What_every_user_of_the_pool_has_nobody_lacks(string rule, string name)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, $"{{{rule}, {Everything}}}");
        for (var i = 0; i < 24; i++) Assert.Contains("EMAIL_OTP", await Offered(app, string.Format(null, name, i)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_is_nobodys_name_is_where_its_code_seems_to_go()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, $$"""{"UsernameAttributes": ["phone_number"], "AutoVerifiedAttributes": ["phone_number"], {{Everything}} }""");
        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "+15550109934"), ("PREFERRED_CHALLENGE", "SMS_OTP"))).Body;
        Assert.Equal(("SMS_OTP", "+*******9934"), ((string?)asked["ChallengeName"], (string?)asked["ChallengeParameters"]!["CODE_DELIVERY_DESTINATION"]));
        var forgotten = (await app.Try("ForgotPassword", """{"Username": "+15550109934"}""")).Body["CodeDeliveryDetails"]!;
        Assert.Equal(("SMS", "+*******9934"), ((string?)forgotten["DeliveryMedium"], (string?)forgotten["Destination"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_code_that_was_sent_to_nobody_is_guessed_at_like_a_real_one(bool preferred)
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, Hiding, $$"""{"UsernameAttributes": ["email"], {{Everything}} }""");
        await app.User("ana@example.com");
        var (real, unknown) = (await Guesses(app, "ana@example.com", preferred), await Guesses(app, "abe@example.com", preferred));
        Assert.Equal(real, unknown);
        Assert.Contains("a***@e***", real[0], StringComparison.Ordinal);
        Assert.DoesNotContain("abe", await server.Http.GetStringAsync(server.Url + "/dev/inbox"), StringComparison.Ordinal);
        Assert.Equal(5, real.Count(reply => reply.Contains("CodeMismatchException", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nobody_may_write_the_name_in_the_ways_in_which_a_user_may_and_in_no_others()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, """{"UsernameConfiguration": {"CaseSensitive": true} }""");
        await app.User("ana");
        async Task<string?> Answer(string name, string other) => (await app.Respond(
            "PASSWORD", (string?)(await app.Flow("USER_AUTH", ("USERNAME", name), ("PREFERRED_CHALLENGE", "PASSWORD"))).Body["Session"], ("USERNAME", other), ("PASSWORD", "Wrong-1234"))).Message;
        Assert.Equal(("Incorrect username or password.", "Invalid session for the user."), (await Answer("ana", "ana"), await Answer("ana", "ANA")));
        Assert.Equal(("Incorrect username or password.", "Invalid session for the user."), (await Answer("abe", "abe"), await Answer("abe", "ABE")));
    }

    // Everything that is answered to somebody who asks for a code and guesses at it, without what is random.
    async Task<List<string>> Guesses(App app, string name, bool preferred)
    {
        var replies = new List<ApiReply>();
        async Task<JsonObject> Asked()
        {
            var begun = await app.Flow("USER_AUTH", ("USERNAME", name), ("PREFERRED_CHALLENGE", preferred ? "EMAIL_OTP" : null));
            if (!preferred) begun = await app.Respond("SELECT_CHALLENGE", (string?)begun.Body["Session"], ("USERNAME", name), ("ANSWER", "EMAIL_OTP"));
            replies.Add(begun);
            return begun.Body;
        }

        var (one, two) = (await Asked(), await Asked());
        for (var i = 0; i < 7; i++) replies.Add(await Guess(app, name, one));
        replies.Add(await Guess(app, name, two));
        clock.Advance(TimeSpan.FromMinutes(1));
        replies.Add(await Guess(app, name, one));
        clock.Advance(TimeSpan.FromMinutes(3));
        replies.Add(await Guess(app, name, two));
        return [.. replies.Select(reply =>
        {
            if (reply.Body["Session"] is not null) reply.Body["Session"] = "random";
            return $"{reply.Status} {reply.Body.ToJsonString()}";
        })];
    }

    static Task<ApiReply> Guess(App app, string name, JsonObject asked) =>
        app.Respond("EMAIL_OTP", (string?)asked["Session"], ("USERNAME", name), ("EMAIL_OTP_CODE", "12345"));

    static async Task<string> Offered(App app, string name) =>
        string.Join(' ', (await app.Flow("USER_AUTH", ("USERNAME", name))).Body["AvailableChallenges"]!.AsArray().Select(one => (string)one!));
}
