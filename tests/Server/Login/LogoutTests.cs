using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class LogoutTests(SeededServer house) : IClassFixture<SeededServer>
{
    const string Away = "http://localhost:3000/";

    [Fact]
    public async Task Signing_out_leads_to_the_registered_uri_and_the_next_sign_in_asks_again()
    {
        var (visitor, _) = await SignedIn();

        var left = await visitor.Go($"/logout?client_id={SeededServer.Client}&logout_uri={Uri.EscapeDataString(Away)}&state=ignored");

        Assert.Equal((302, Away), (left.Status, left.Location));
        Assert.DoesNotContain($"cognito-{SeededServer.Pool}", visitor.Cookies.Keys);
        Assert.Equal("Sign in", (await visitor.Open(SeededServer.Link())).Heading);
    }

    [Fact]
    public async Task A_copied_session_cookie_is_dead_after_the_sign_out()
    {
        var (visitor, _) = await SignedIn();
        var thief = house.Visitor();
        foreach (var (name, value) in visitor.Cookies) thief.Cookies[name] = value;

        await visitor.Go($"/logout?client_id={SeededServer.Client}&logout_uri={Uri.EscapeDataString(Away)}");

        Assert.Equal("Sign in", (await thief.Open(SeededServer.Link())).Heading);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://localhost:3000/?a=b")]
    [InlineData("http://localhost:3000/\t")]
    [InlineData("http://localhost:3000\\@evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task An_unregistered_logout_uri_ends_at_a_page_and_leaves_the_session(string uri)
    {
        var (visitor, _) = await SignedIn();
        foreach (var name in (string[])["logout_uri", "post_logout_redirect_uri"])
        {
            var page = await visitor.Go($"/logout?client_id={SeededServer.Client}&{name}={Uri.EscapeDataString(uri)}");
            Assert.Equal((400, null, "This sign-out link does not work"), (page.Status, page.Location, page.Heading));
            Assert.DoesNotContain("evil", page.Html, StringComparison.Ordinal);
        }
        Assert.NotNull((await visitor.Go(SeededServer.Link())).Back("code"));
    }

    [Fact]
    public async Task The_parameters_of_OpenID_Connect_work_too_and_bring_the_state_back()
    {
        var (visitor, idToken) = await SignedIn();

        var left = await visitor.Go($"/logout?id_token_hint={idToken}&post_logout_redirect_uri={Uri.EscapeDataString(Away)}&state=a%26b");

        Assert.Equal((302, Away + "?state=a%26b"), (left.Status, left.Location));
    }

    [Fact]
    public async Task A_hint_that_is_not_ours_is_refused()
    {
        var (visitor, idToken) = await SignedIn();
        var forged = idToken[..^8] + (idToken.EndsWith("AAAAAAAA", StringComparison.Ordinal) ? "BBBBBBBB" : "AAAAAAAA");

        var page = await visitor.Go($"/logout?id_token_hint={forged}&post_logout_redirect_uri={Uri.EscapeDataString(Away)}");

        Assert.Equal((400, null), (page.Status, page.Location));
        Assert.NotNull((await visitor.Go(SeededServer.Link())).Back("code"));
    }

    [Fact]
    public async Task Signing_out_to_sign_in_again_shows_the_form_with_the_same_query()
    {
        var (visitor, _) = await SignedIn();

        var page = await visitor.Open(SeededServer.Link("/logout"));

        Assert.Equal(("Sign in", "/login"), (page.Heading, page.Address.AbsolutePath));
        Assert.NotNull((await SeededServer.SignIn(visitor, page)).Back("code"));
    }

    [Fact]
    public async Task A_sign_out_that_names_no_place_ends_at_a_page_of_ours()
    {
        var (visitor, _) = await SignedIn();

        var page = await visitor.Open($"/logout?client_id={SeededServer.Client}");

        Assert.Equal((200, "You are signed out"), (page.Status, page.Heading));
        Assert.Equal("Sign in", (await visitor.Open(SeededServer.Link())).Heading);
    }

    async Task<(Visitor, string IdToken)> SignedIn()
    {
        var visitor = house.Visitor();
        var back = await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link()));
        return (visitor, (string)(await house.Redeem(back))["id_token"]!);
    }
}
