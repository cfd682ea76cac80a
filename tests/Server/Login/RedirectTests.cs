using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class RedirectTests(SeededServer house) : IClassFixture<SeededServer>
{
    static readonly string[] Pages = ["/login", "/signup", "/confirm", "/resendcode", "/forgotPassword", "/confirmforgotPassword", "/newPassword"];

    static readonly string[] States =
    [
        "\"><script>alert(1)</script>", "' onmouseover='alert(1)", "&amp;&quot;%22", "a b+c%20d&e=f#g?h/i\\j", "ключ 鍵 🗝", "{\"a\":[1,2]}", "\t",
        "%0d%0aSet-Cookie: a=b", "x\r\nLocation: //evil.example", "%", "%ZZ", "</form><form action=//evil.example>",
    ];

    public static TheoryData<string> EveryPage => [.. Pages];

    public static TheoryData<string> HostileStates => [.. States];

    public static TheoryData<string, string, string?> LinksThatDoNotWork =>
        [.. from page in Pages.Append("/oauth2/authorize")
            from change in ((string, string?)[])
            [
                ("client_id", "nobody"), ("client_id", null), ("redirect_uri", "http://localhost:3000/callback/"), ("redirect_uri", "http://localhost:3000/callback?a=b"),
                ("redirect_uri", "HTTP://localhost:3000/callback"), ("redirect_uri", "http://localhost:3000/../callback"), ("redirect_uri", "//evil.example"),
                ("redirect_uri", "javascript:alert(1)"), ("redirect_uri", "http://localhost:3000@evil.example/callback"), ("redirect_uri", null),
            ]
            select (page, change.Item1, change.Item2)];

    [Theory, MemberData(nameof(LinksThatDoNotWork))]
    public async Task A_link_without_a_known_client_and_its_own_redirect_uri_ends_at_a_page_of_ours(string path, string name, string? value)
    {
        var page = await house.Visitor().Go(SeededServer.Link(path, changes: (name, value)));

        Assert.Equal((400, null), (page.Status, page.Location));
        Assert.Equal("This sign-in link does not work", page.Heading);
        Assert.DoesNotContain("evil", page.Html, StringComparison.Ordinal);
        Assert.Equal("no-store", page.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_parameter_that_decides_where_to_go_may_come_once()
    {
        var page = await house.Visitor().Go(SeededServer.Link("/login") + "&redirect_uri=" + Uri.EscapeDataString(SeededServer.Callback));

        Assert.Equal((400, null), (page.Status, page.Location));
    }

    [Fact]
    public async Task A_state_of_2_KB_comes_back_to_the_letter()
    {
        var state = string.Concat(Enumerable.Range(0, 2048).Select(i => (char)(' ' + i * 7 % 95)));
        var visitor = house.Visitor();

        var back = await SeededServer.SignIn(visitor, await visitor.Open(SeededServer.Link(changes: ("state", state))));

        Assert.Equal(state, back.Back("state"));
    }

    [Theory, MemberData(nameof(HostileStates))]
    public async Task A_hostile_state_is_text_on_the_page_and_comes_back_as_it_was(string state)
    {
        var visitor = house.Visitor();
        var page = await visitor.Open(SeededServer.Link(changes: ("state", state)));
        Assert.Empty(page.Document.QuerySelectorAll("script, [onmouseover], form:not([action^='/login?'])"));
        Assert.Equal(SeededServer.Link("/login", changes: ("state", state)), page.Document.QuerySelector("form")!.GetAttribute("action"));

        var back = await SeededServer.SignIn(visitor, page);

        Assert.Equal(state, back.Back("state"));
        Assert.DoesNotContain(back.Reply.Headers, header => header.Value.Any(value => value.StartsWith("a=b", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(EveryPage))]
    public async Task Every_page_is_uncached_unframed_without_scripts_and_without_a_referrer(string path)
    {
        var page = await house.Visitor().Go(SeededServer.Link(path));
        if (path == "/newPassword") Assert.Equal((303, true), (page.Status, page.Location!.StartsWith("/login?", StringComparison.Ordinal)));
        else Assert.Equal(200, page.Status);

        Assert.Equal(("DENY", "no-store", "no-referrer", "nosniff"),
            (page.Header("X-Frame-Options"), page.Header("Cache-Control"), page.Header("Referrer-Policy"), page.Header("X-Content-Type-Options")));
        var policy = page.Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.Null(page.Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("/nothing/here", 404, "There is nothing here")]
    [InlineData("/error?error=redirect_mismatch&client_id=%3Cscript%3E", 400, "An error was encountered with the requested page")]
    [InlineData("/signedout", 200, "You are signed out")]
    public async Task Other_pages_stand_by_themselves(string path, int status, string heading)
    {
        var page = await house.Visitor().Go(path);

        Assert.Equal((status, heading, "DENY"), (page.Status, page.Heading, page.Header("X-Frame-Options")));
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
    }
}
