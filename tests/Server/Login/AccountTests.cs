using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class AccountTests(SeededServer house) : IClassFixture<SeededServer>
{
    [Fact]
    public async Task Who_signs_up_confirms_and_arrives_at_the_app()
    {
        var visitor = house.Visitor();
        var form = await visitor.Open(SeededServer.Link("/signup"));
        var sent = await visitor.Submit(form, "password", [("username", "ana"), ("attribute.email", "ana@example.com"), ("password", "Passw0rd-1")]);
        Assert.Equal(303, sent.Status);
        var confirm = await visitor.Follow(sent);
        Assert.Equal(("Confirm your account", "ana", "a***@e***"), (confirm.Heading, confirm.Value("username"), confirm.Document.QuerySelector(".lead strong")!.TextContent));

        var wrong = await visitor.Submit(confirm, "code", [("code", "000000")]);
        var code = await house.CodeOf("ana");
        var back = await visitor.Submit(wrong, "code", [("code", $" {code[..3]} {code[3..]} ")]);

        Assert.Equal((400, "This code is not right, or it is no longer valid. Check it, or ask for a new one."), (wrong.Status, wrong.Problem));
        Assert.Equal(303, back.Status);
        Assert.NotNull((await house.Redeem(back))["id_token"]);
        Assert.DoesNotContain("page-data", visitor.Cookies.Keys);
    }

    [Fact]
    public async Task Who_confirms_in_another_browser_has_to_sign_in()
    {
        var visitor = await SignedUp("ben");
        var other = house.Visitor();
        var confirm = await other.Open(SeededServer.Link("/confirm"));

        var done = await other.Submit(confirm, "code", [("username", "ben"), ("code", await house.CodeOf("ben"))]);

        Assert.StartsWith("/login?", done.Location!, StringComparison.Ordinal);
        var login = await other.Follow(done);
        Assert.Equal("ben", login.Value("username"));
        Assert.NotNull((await SeededServer.SignIn(other, login, "ben", "Passw0rd-1")).Back("code"));
        Assert.NotEmpty(visitor.Cookies);
    }

    [Fact]
    public async Task What_one_browser_was_left_does_not_open_in_another()
    {
        var visitor = await SignedUp("cleo");
        var thief = house.Visitor();
        await thief.Open(SeededServer.Link());
        thief.Cookies["page-data"] = visitor.Cookies["page-data"];

        var confirm = await thief.Open(SeededServer.Link("/confirm"));

        Assert.Equal("", confirm.Value("username") ?? "");
        var done = await thief.Submit(confirm, "code", [("username", "cleo"), ("code", await house.CodeOf("cleo"))]);
        Assert.StartsWith("/login?", done.Location!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_code_can_be_asked_for_and_the_old_one_is_dead()
    {
        var visitor = await SignedUp("dora");
        var old = await house.CodeOf("dora");
        var again = await visitor.Submit(await visitor.Open(SeededServer.Link("/resendcode")), "username", [("username", "dora")]);
        var confirm = await visitor.Follow(again);
        var fresh = await house.CodeOf("dora");

        if (old != fresh) Assert.Equal(400, (await visitor.Submit(confirm, "code", [("code", old)])).Status);
        Assert.NotNull((await visitor.Submit(confirm, "code", [("code", fresh)])).Back("code"));
    }

    [Fact]
    public async Task An_unconfirmed_user_with_the_right_password_is_sent_a_code_and_taken_on()
    {
        await SignedUp("emil");
        var visitor = house.Visitor();

        var sent = await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link()), "emil", "Passw0rd-1");
        var back = await visitor.Submit(await visitor.Follow(sent), "code", [("code", await house.CodeOf("emil"))]);

        Assert.StartsWith("/confirm?", sent.Location!, StringComparison.Ordinal);
        Assert.NotNull(back.Back("code"));
        Assert.Equal(2, await house.MessagesOf("emil"));
    }

    [Theory]
    [InlineData("demo", "Passw0rd-1", "x@example.com", "This username is taken. Choose another one, or sign in.", "username")]
    [InlineData("fritz", "short", "x@example.com", "Password not long enough.", "password")]
    [InlineData("fritz", "passw0rd-1", "x@example.com", "Password must have uppercase characters.", "password")]
    [InlineData("fritz", "Passw0rd-1", "no address", "Email address: Invalid email address format.", "attribute.email")]
    [InlineData("fritz", "Passw0rd-1", "", "Email address: The attribute is required.", "attribute.email")]
    [InlineData("fr itz", "Passw0rd-1", "x@example.com", "This cannot be your username.", "username")]
    public async Task What_cannot_be_signed_up_is_said_at_the_field(string username, string password, string email, string problem, string field)
    {
        var visitor = house.Visitor();
        var page = await visitor.Submit(await visitor.Open(SeededServer.Link("/signup")), "password",
            [("username", username), ("attribute.email", email), ("password", password)]);

        Assert.Equal((400, problem), (page.Status, page.Problem));
        Assert.Equal(field, page.Document.QuerySelector("[aria-invalid=true]")!.GetAttribute("name"));
        Assert.Equal((username, email), (page.Value("username"), page.Value("attribute.email") ?? ""));
        Assert.DoesNotContain(password, page.Document.QuerySelector("input[name=password]")!.OuterHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgotten_password_is_reset_by_its_code_and_then_signs_in()
    {
        await House("gina");
        var visitor = house.Visitor();
        var asked = await visitor.Submit(await visitor.Open(SeededServer.Link("/forgotPassword")), "username", [("username", "gina")]);
        var reset = await visitor.Follow(asked);
        Assert.Equal((303, "Reset your password", "gina"), (asked.Status, reset.Heading, reset.Value("username")));

        var weak = await visitor.Submit(reset, "code", [("code", await house.CodeOf("gina")), ("new_password", "weak")]);
        var done = await visitor.Submit(weak, "code", [("code", await house.CodeOf("gina")), ("new_password", "Passw0rd-2")]);

        Assert.Equal("Password not long enough.", weak.Problem);
        var login = await visitor.Follow(done);
        Assert.Equal(("Sign in", "gina"), (login.Heading, login.Value("username")));
        Assert.Equal(400, (await SeededServer.SignIn(visitor, login, "gina", "Passw0rd-1")).Status);
        Assert.NotNull((await SeededServer.SignIn(visitor, login, "gina", "Passw0rd-2")).Back("code"));
    }

    [Fact]
    public async Task Whoever_asks_for_a_code_learns_nothing_about_who_exists()
    {
        await House("hugo");
        foreach (var path in (string[])["/forgotPassword", "/resendcode"])
        {
            var real = await Steps(path, "hugo");
            var unknown = await Steps(path, "oguh");
            Assert.Equal(real, unknown);
        }
        Assert.Equal(5, await house.MessagesOf("hugo"));
    }

    [Fact]
    public async Task A_temporary_password_is_replaced_and_what_the_pool_requires_is_asked_for()
    {
        await house.Admin.Call("AdminCreateUser", new() { ["UserPoolId"] = SeededServer.Pool, ["Username"] = "ida", ["TemporaryPassword"] = "Temporary-1", ["MessageAction"] = "SUPPRESS" });
        var visitor = house.Visitor();
        var sent = await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link()), "ida", "Temporary-1");
        Assert.DoesNotContain("session", sent.Location!, StringComparison.Ordinal);
        var page = await visitor.Follow(sent);

        var incomplete = await visitor.Submit(page, "new_password", [("new_password", "Passw0rd-1")]);
        var back = await visitor.Submit(incomplete, "new_password", [("username", "demo"), ("new_password", "Passw0rd-1"), ("attribute.email", "ida@example.com")]);
        var twice = await visitor.Submit(incomplete, "new_password", [("new_password", "Passw0rd-3"), ("attribute.email", "ida@example.com")]);

        Assert.Equal(("Choose a new password", 400, "attribute.email"), (page.Heading, incomplete.Status, incomplete.Document.QuerySelector("[aria-invalid=true]")!.GetAttribute("name")));
        Assert.Equal("ida", (string)JsonNode.Parse(System.Text.Encoding.UTF8.GetString(Payload((string)(await house.Redeem(back))["access_token"]!)))!["username"]!);
        Assert.Equal((400, "This was sent before, or there were too many tries. Please sign in again.", "Sign in"), (twice.Status, twice.Problem, twice.Heading));
    }

    static byte[] Payload(string token) => System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]);

    async Task House(string name) => await house.Admin.User(SeededServer.Pool, name, attributes:
    [
        new JsonObject { ["Name"] = "email", ["Value"] = name + "@example.com" }, new JsonObject { ["Name"] = "email_verified", ["Value"] = "true" },
    ]);

    async Task<Visitor> SignedUp(string name)
    {
        var visitor = house.Visitor();
        var done = await visitor.Submit(await visitor.Open(SeededServer.Link("/signup")), "password",
            [("username", name), ("attribute.email", name + "@example.com"), ("password", "Passw0rd-1")]);
        Assert.Equal(303, done.Status);
        return visitor;
    }

    // Six times the same question and the answer to each, with the code page behind it and a wrong code there.
    async Task<string> Steps(string path, string name)
    {
        var visitor = house.Visitor();
        var seen = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var asked = await visitor.Submit(await visitor.Open(SeededServer.Link(path)), "username", [("username", name)]);
            seen.Add($"{asked.Status} {asked.Location} {asked.Problem}");
            if (asked.Location is null) continue;
            var page = await visitor.Follow(asked);
            var wrong = await visitor.Submit(page, "code", [("code", "000000"), ("new_password", "Passw0rd-9")]);
            seen.Add($"{page.Status} {page.Document.Body!.TextContent} {wrong.Status} {wrong.Problem}");
        }
        return string.Join('\n', seen).Replace(name, "*", StringComparison.Ordinal);
    }
}
