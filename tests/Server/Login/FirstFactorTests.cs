using System.Text.RegularExpressions;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public partial class FirstFactorTests
{
    [Fact]
    public async Task The_name_comes_first_and_then_a_code_in_place_of_the_password()
    {
        await using var house = await FactorHouse.WithChoice();
        await house.App.User("ana");
        var visitor = house.Visitor();
        var login = await visitor.Open(house.Link());
        Assert.Null(login.Document.QuerySelector("input[name=password]"));

        var choice = await Name(visitor, login, "ana");
        Assert.Equal(["Email me a code"], choice.Document.QuerySelectorAll("button.choice").Select(button => button.TextContent.Trim()));
        var mail = await FactorHouse.Next(visitor, await visitor.Press(choice, "EMAIL_OTP"));
        Assert.Equal("We sent an email with a code to a***@e***.", mail.Document.QuerySelector(".lead")!.TextContent);
        Assert.Equal(400, (await FactorHouse.Type(visitor, mail, "000000")).Status);
        Assert.NotNull((await FactorHouse.Type(visitor, mail, await house.CodeOf("ana"))).Back("code"));
    }

    [Fact]
    public async Task Who_has_no_password_goes_straight_to_the_code()
    {
        await using var house = await FactorHouse.WithChoice();
        await house.App.About("ana", "AdminCreateUser", """{"UserAttributes": [{"Name": "phone_number", "Value": "+15550109934"}], "MessageAction": "SUPPRESS"}""");
        var visitor = house.Visitor();
        var asked = await Name(visitor, await visitor.Open(house.Link()), "ana");
        Assert.Equal("We sent a text message with a code to +*******9934.", asked.Document.QuerySelector(".lead")!.TextContent);
        Assert.NotNull((await FactorHouse.Type(visitor, asked, await house.CodeOf("ana"))).Back("code"));
    }

    [Fact]
    public async Task A_wrong_password_can_be_followed_by_the_right_one_on_the_same_page()
    {
        await using var house = await FactorHouse.WithChoice();
        await house.App.User("ana");
        var visitor = house.Visitor();
        var choice = await Name(visitor, await visitor.Open(house.Link()), "ana");
        var wrong = await visitor.Submit(choice, "password", [("password", "Wrong-password-1")]);
        var missing = await visitor.Submit(wrong, "password", [("password", "")]);

        Assert.Equal((400, "Incorrect username or password.", "ana"), (wrong.Status, wrong.Problem, wrong.Value("username")));
        Assert.Equal((400, "Enter a password."), (missing.Status, missing.Problem));
        Assert.NotNull((await visitor.Submit(missing, "password", [("password", FactorHouse.Password)])).Back("code"));
    }

    // The pages never tell who exists, also where the client does over the API.
    [Theory]
    [InlineData("ENABLED")]
    [InlineData("LEGACY")]
    public async Task Who_does_not_exist_sees_what_the_others_see(string preventUserExistenceErrors)
    {
        await using var house = await FactorHouse.WithChoice(client: $""", "PreventUserExistenceErrors": "{preventUserExistenceErrors}" """);
        await house.User("ana", ("email", "ana@example.com"), ("phone_number", "+15550109934"));
        // Names without a user differ in what they have, as users do; one that begins like ana goes on like ana.
        var (first, unknown) = (await FirstPage(house, "ana"), 0);
        while (unknown < 64 && await FirstPage(house, $"nia-{unknown}") != first) unknown++;
        Assert.Equal(await Way(house, "ana"), await Way(house, $"nia-{unknown}"));
    }

    [Theory]
    [InlineData(""" "PASSWORD" """, """ "ALLOW_USER_AUTH" """)]
    [InlineData(""" "PASSWORD", "EMAIL_OTP" """, """ "ALLOW_USER_PASSWORD_AUTH" """)]
    public async Task Where_there_is_nothing_to_choose_name_and_password_stay_on_one_page(string factors, string flows)
    {
        await using var house = await FactorHouse.WithChoice(factors, flows);
        await house.App.User("ana");
        var visitor = house.Visitor();
        Assert.NotNull((await house.SignIn(visitor, "ana")).Back("code"));
    }

    [Fact]
    public async Task The_form_decides_neither_on_the_user_nor_on_what_was_not_offered()
    {
        await using var house = await FactorHouse.WithChoice();
        await house.App.User("ana");
        await house.App.Try("SignUp", $$"""{"Username": "ben", "Password": "{{FactorHouse.Password}}", "UserAttributes": [{"Name": "email", "Value": "ben@example.com"}]}""");
        var visitor = house.Visitor();
        var choice = await Name(visitor, await visitor.Open(house.Link()), "ana");
        foreach (var factor in (string[])["SMS_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN_MFA"])
            Assert.Equal(400, (await visitor.Submit(choice, "password", [("factor", factor), ("password", FactorHouse.Password)])).Status);
        var strange = await visitor.Submit(choice, "password", [("factor", "PASSWORD_SRP"), ("password", FactorHouse.Password)]);
        Assert.Equal((400, "This cannot be done here"), (strange.Status, strange.Heading));

        // Ben's password was right, and whatever name the form carries, it is Ben who must confirm the account.
        var ben = await Name(visitor, await visitor.Open(house.Link()), "ben");
        var confirm = await FactorHouse.Next(visitor, await visitor.Submit(ben, "password", [("username", "ana"), ("password", FactorHouse.Password)]));
        Assert.Equal(("Confirm your account", "ben"), (confirm.Heading, confirm.Value("username")));
    }

    static async Task<Page> Name(Visitor visitor, Page login, string username) =>
        await FactorHouse.Next(visitor, await visitor.Submit(login, "username", [("username", username)]));

    // Every page on the way of somebody who knows neither password nor code, without what is different at every visit.
    static async Task<string> Way(FactorHouse house, string name)
    {
        var visitor = house.Visitor();
        var choice = await Name(visitor, await visitor.Open(house.Link()), name);
        var wrong = await visitor.Submit(choice, "password", [("password", "Wrong-password-1")]);
        var mail = await FactorHouse.Next(visitor, await visitor.Press(wrong, "EMAIL_OTP"));
        var code = await FactorHouse.Type(visitor, mail, "12345");
        return Text(name, choice, wrong, mail, code);
    }

    static async Task<string> FirstPage(FactorHouse house, string name)
    {
        var visitor = house.Visitor();
        return Text(name, await Name(visitor, await visitor.Open(house.Link()), name));
    }

    static string Text(string name, params IEnumerable<Page> pages) =>
        Masked().Replace(Random().Replace(string.Join('\n', pages.Select(page => $"{page.Status} {page.Address} {page.Html}")), ""), "masked").Replace(name, "somebody", StringComparison.Ordinal);

    [GeneratedRegex("(?<=name=\"(?:_csrf|session)\" value=\")[^\"]*")]
    private static partial Regex Random();

    [GeneratedRegex(@"[a-z]\*\*\*@[a-z]\*\*\*")]
    private static partial Regex Masked();
}
