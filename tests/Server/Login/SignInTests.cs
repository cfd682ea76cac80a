using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class SignInTests(SeededServer house) : IClassFixture<SeededServer>
{
    [Fact]
    public async Task A_person_signs_in_and_the_app_gets_a_code_that_is_worth_tokens()
    {
        var visitor = house.Visitor();
        var page = await visitor.Open(SeededServer.Link());
        Assert.Equal((200, "Sign in", "Single-page app"), (page.Status, page.Heading, page.Document.QuerySelector(".client")!.TextContent));

        var back = await SeededServer.SignIn(visitor, page);

        Assert.Equal(303, back.Status);
        Assert.StartsWith($"{SeededServer.Callback}?code=", back.Location!, StringComparison.Ordinal);
        Assert.Equal(("here and back", $"{house.Server.Url}/{SeededServer.Pool}"), (back.Back("state"), back.Back("iss")));
        Assert.NotNull((await house.Redeem(back))["id_token"]);
    }

    [Fact]
    public async Task Whoever_is_signed_in_goes_through_without_a_page_and_prompt_login_asks_again()
    {
        var visitor = house.Visitor();
        await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link()));

        var through = await visitor.Go(SeededServer.Link());
        var silent = await visitor.Go(SeededServer.Link(changes: ("prompt", "none")));
        var asked = await visitor.Open(SeededServer.Link(changes: ("prompt", "login")));

        Assert.Equal((302, true, true), (through.Status, through.Back("code") is not null, silent.Back("code") is not null));
        Assert.Equal("Sign in", asked.Heading);
        Assert.NotNull((await SeededServer.SignIn(visitor, asked)).Back("code"));
    }

    [Theory]
    [InlineData("/oauth2/authorize")]
    [InlineData("/login")]
    public async Task Prompt_none_without_a_session_goes_back_at_once(string path)
    {
        var back = await house.Visitor().Go(SeededServer.Link(path, changes: ("prompt", "none")));

        Assert.Equal((302, "login_required", "here and back"), (back.Status, back.Back("error"), back.Back("state")));
    }

    // A client that says nothing is LEGACY over the API; the pages never tell.
    [Theory]
    [InlineData("ENABLED")]
    [InlineData("LEGACY")]
    public async Task A_wrong_password_and_an_unknown_user_look_the_same(string preventUserExistenceErrors)
    {
        var client = await Client(new() { ["PreventUserExistenceErrors"] = preventUserExistenceErrors });
        var visitor = house.Visitor();
        var page = await visitor.Open(SeededServer.Link(clientId: client));

        var wrong = await SeededServer.SignIn(visitor, page, "demo", "Wrong-password-1");
        var unknown = await SeededServer.SignIn(visitor, page, "emod", "Wrong-password-1");

        Assert.Equal((400, "Incorrect username or password.", "demo"), (wrong.Status, wrong.Problem, wrong.Value("username")));
        Assert.Equal(wrong.Html.Replace("demo", "emod", StringComparison.Ordinal), unknown.Html);
        Assert.Equal(wrong.Status, unknown.Status);
        Assert.Equal(Headers(wrong).Split("\n"), Headers(unknown).Split("\n"));
        Assert.DoesNotContain("Wrong-password-1", wrong.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_with_a_kind_word_for_real_and_unknown_users_alike()
    {
        await house.Admin.User(SeededServer.Pool, "patient", attributes: [new JsonObject { ["Name"] = "email", ["Value"] = "patient@example.com" }]);
        var visitor = house.Visitor();
        var page = await visitor.Open(SeededServer.Link());
        foreach (var name in (string[])["patient", "nobody-at-all"])
        {
            for (var i = 0; i < 5; i++) Assert.Equal(400, (await SeededServer.SignIn(visitor, page, name, "Wrong-password-" + i)).Status);
            var refused = await SeededServer.SignIn(visitor, page, name, "Passw0rd-1");
            Assert.Equal((429, "There were too many attempts. Wait a moment, then try again."), (refused.Status, refused.Problem));
            Assert.NotNull(refused.Header("Retry-After"));
        }
    }

    [Theory]
    [InlineData("username", "", "Enter your username.")]
    [InlineData("password", "", "Enter a password.")]
    public async Task A_missing_field_is_named(string field, string value, string expected)
    {
        var visitor = house.Visitor();
        var refused = await visitor.Submit(await visitor.Open(SeededServer.Link()), "password", [("username", "demo"), ("password", "Poolhouse-1"), (field, value)]);

        Assert.Equal((400, expected), (refused.Status, refused.Problem));
        Assert.Equal(field, refused.Document.QuerySelector("[aria-invalid=true]")!.GetAttribute("name"));
    }

    [Fact]
    public async Task A_login_hint_fills_the_name_in_and_links_lead_on_with_the_whole_query()
    {
        var page = await house.Visitor().Open(SeededServer.Link(changes: ("login_hint", "demo@example.com")));

        Assert.Equal("demo@example.com", page.Value("username"));
        var links = page.Document.QuerySelectorAll(".links a").Select(link => link.GetAttribute("href")!).ToList();
        Assert.Equal(["/forgotPassword" + page.Address.Query, "/signup" + page.Address.Query], links);
    }

    [Fact]
    public async Task What_a_pool_does_not_offer_has_no_link_and_no_page()
    {
        var pool = await house.Admin.Pool(new()
        {
            ["AdminCreateUserConfig"] = new JsonObject { ["AllowAdminCreateUserOnly"] = true },
            ["AccountRecoverySetting"] = JsonNode.Parse("""{"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}"""),
        });
        var client = await Client([], pool);

        var page = await house.Visitor().Open(SeededServer.Link(clientId: client));

        Assert.Empty(page.Document.QuerySelectorAll(".links a"));
        Assert.Equal(403, (await house.Visitor().Go(SeededServer.Link("/signup", client))).Status);
        Assert.Equal(403, (await house.Visitor().Go(SeededServer.Link("/forgotPassword", client))).Status);
    }

    [Fact]
    public async Task A_domain_prefix_serves_the_clients_of_its_pool_and_no_others()
    {
        var visitor = house.Visitor("poolhouse.auth.localhost");
        var other = await Client([], await house.Admin.Pool());

        var back = await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link()));

        Assert.NotNull(back.Back("code"));
        Assert.Equal($"{house.Server.Url}/{SeededServer.Pool}", back.Back("iss"));
        Assert.Equal(400, (await visitor.Go(SeededServer.Link("/login", other))).Status);
        Assert.Equal(404, (await house.Visitor("nobody.auth.localhost").Go(SeededServer.Link("/login"))).Status);
    }

    async Task<string> Client(JsonObject settings, string pool = SeededServer.Pool)
    {
        settings["AllowedOAuthFlowsUserPoolClient"] = true;
        settings["AllowedOAuthFlows"] = new JsonArray("code");
        settings["AllowedOAuthScopes"] = new JsonArray("openid", "email");
        settings["CallbackURLs"] = new JsonArray(SeededServer.Callback);
        return (string)(await house.Admin.Client(pool, settings))["ClientId"]!;
    }

    static string Headers(Page page) => string.Join('\n', page.Reply.Headers.Where(header => header.Key is not ("Date" or "Set-Cookie" or "X-Request-ID"))
        .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order());
}
