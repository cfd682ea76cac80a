using System.Net.Http.Headers;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class ForgeryTests(SeededServer house) : IClassFixture<SeededServer>
{
    static readonly (string, string)[] Right = [("username", "demo"), ("password", "Poolhouse-1")];

    public static TheoryData<string, string> ForeignHeaders => new()
    {
        { "Origin", "https://evil.example" }, { "Origin", "http://localhost:1" }, { "Origin", "http://poolhouse.auth.localhost.evil.example" },
        { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Site", "same-site" },
    };

    [Theory, MemberData(nameof(ForeignHeaders))]
    public async Task A_form_of_another_site_is_refused_and_shows_nothing_of_itself(string header, string value)
    {
        var visitor = house.Visitor();
        var page = await visitor.Open(SeededServer.Link());

        var refused = await visitor.Submit(page, "password", Right, [(header, value)]);

        Assert.Equal((403, null), (refused.Status, refused.Location));
        Assert.DoesNotContain("demo", refused.Value("username") ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain(visitor.Cookies.Keys, IsSession);
        Assert.NotNull((await SeededServer.SignIn(visitor, refused)).Back("code"));
    }

    [Theory]
    [InlineData("same-origin", "null")]
    [InlineData("none", null)]
    [InlineData(null, null)]
    public async Task A_form_of_our_own_passes_as_browsers_send_it(string? site, string? origin)
    {
        var visitor = house.Visitor();
        (string, string)[] headers = [.. new[] { ("Sec-Fetch-Site", site), ("Origin", origin) }.Where(pair => pair.Item2 is not null).Select(pair => (pair.Item1, pair.Item2!))];

        var back = await visitor.Submit(await visitor.Open(SeededServer.Link()), "password", Right, headers);

        Assert.Equal(303, back.Status);
    }

    [Fact]
    public async Task A_form_without_the_token_of_this_browser_is_refused_on_every_page()
    {
        var other = house.Visitor();
        var foreign = (await other.Open(SeededServer.Link())).Value("_csrf")!;
        foreach (var path in (string[])["/login", "/signup", "/confirm", "/resendcode", "/forgotPassword", "/confirmforgotPassword", "/newPassword", "/factor", "/mfa", "/mfaOption", "/mfaSetup"])
        {
            var visitor = house.Visitor();
            await visitor.Go(SeededServer.Link(path));
            var fields = Right.Concat([("code", "123456"), ("new_password", "Passw0rd-2"), ("session", "x")]).ToArray();
            Assert.Equal(403, (await visitor.Post(SeededServer.Link(path), fields)).Status);
            Assert.Equal(403, (await visitor.Post(SeededServer.Link(path), [.. fields, ("_csrf", foreign)])).Status);
            Assert.Equal(403, (await house.Visitor().Post(SeededServer.Link(path), [.. fields, ("_csrf", foreign)])).Status);
        }
    }

    [Theory]
    [InlineData("planted")]
    [InlineData("planted.planted")]
    [InlineData(".")]
    public async Task A_planted_cookie_that_we_did_not_sign_is_worth_nothing(string planted)
    {
        var visitor = house.Visitor();
        visitor.Cookies["XSRF-TOKEN"] = planted;

        var refused = await visitor.Post(SeededServer.Link("/login"), [.. Right, ("_csrf", planted)]);

        Assert.Equal(403, refused.Status);
        Assert.NotEqual(planted, visitor.Cookies["XSRF-TOKEN"]);
    }

    [Fact]
    public async Task A_session_that_somebody_planted_is_not_the_one_that_is_signed_in()
    {
        var attacker = house.Visitor();
        await SeededServer.SignIn(attacker, await attacker.Open(SeededServer.Link()));
        var (name, planted) = attacker.Cookies.Single(cookie => IsSession(cookie.Key));
        var victim = house.Visitor();
        victim.Cookies[name] = planted;

        await SeededServer.SignIn(victim, await victim.Open(SeededServer.Link(changes: ("prompt", "login"))));

        Assert.NotEqual(planted, victim.Cookies[name]);
        Assert.Equal("Sign in", (await attacker.Open(SeededServer.Link())).Heading);
    }

    [Fact]
    public async Task Cookies_are_out_of_reach_of_scripts_and_other_sites()
    {
        var visitor = house.Visitor();
        var page = await visitor.Open(SeededServer.Link());
        var csrf = Assert.Single(visitor.SetCookies);
        await SeededServer.SignIn(visitor, page);
        var session = Assert.Single(visitor.SetCookies);

        Assert.StartsWith("XSRF-TOKEN=", csrf, StringComparison.Ordinal);
        Assert.StartsWith($"cognito-{SeededServer.Pool}=", session, StringComparison.Ordinal);
        Assert.Contains("max-age=3600", session, StringComparison.Ordinal);
        foreach (var line in (string[])[csrf, session])
        {
            Assert.Contains("; path=/", line, StringComparison.Ordinal);
            Assert.Contains("; httponly", line, StringComparison.Ordinal);
            Assert.Contains("; samesite=lax", line, StringComparison.Ordinal);
            Assert.DoesNotContain("domain=", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Behind_https_every_cookie_is_secure_and_tied_to_its_host()
    {
        await using var server = await PoolhouseTestServer.Start(seeded: true, settings: all => all with { Server = all.Server with { PublicUrl = "https://localhost" } });
        var visitor = new Visitor(server);

        await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link()));

        Assert.Equal(["__Host-XSRF-TOKEN", $"__Host-cognito-{SeededServer.Pool}"], visitor.Cookies.Keys.Order());
        Assert.All(visitor.SetCookies, line => Assert.Contains("; secure", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("username=a&username=b", "application/x-www-form-urlencoded", 400)]
    [InlineData("username=%FF", "application/x-www-form-urlencoded", 400)]
    [InlineData("username=%00", "application/x-www-form-urlencoded", 400)]
    [InlineData("username=%4", "application/x-www-form-urlencoded", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData(null, "application/x-www-form-urlencoded", 413)]
    public async Task A_body_that_is_no_form_of_ours_ends_at_a_page(string? body, string type, int expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, house.Server.Url + SeededServer.Link("/login"));
        request.Content = new StringContent(body ?? "username=" + new string('a', 65_536));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        using var reply = await house.Server.Http.SendAsync(request);

        Assert.Equal((expected, "text/html"), ((int)reply.StatusCode, reply.Content.Headers.ContentType!.MediaType));
    }

    static bool IsSession(string name) => name.StartsWith("cognito-", StringComparison.Ordinal);
}
