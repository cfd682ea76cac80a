using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class SecondFactorTests
{
    [Fact]
    public async Task Who_needs_a_second_factor_sets_up_an_app_and_signs_in_with_it_from_then_on()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        await house.User("ana");
        var visitor = house.Visitor();
        var setup = await house.SignIn(visitor, "ana");
        var phone = FactorHouse.Scan(setup);
        var wrong = await FactorHouse.Type(visitor, setup, "000000");
        Assert.Equal(("Add a second step", 400, setup.Value("session")), (setup.Heading, wrong.Status, wrong.Value("session")));
        Assert.StartsWith("This code is not right. Type the one that the app shows now", wrong.Problem!, StringComparison.Ordinal);
        Assert.False(await house.IsSignedIn(visitor));
        var used = phone.Code(house.Server.Now);
        Assert.NotNull((await FactorHouse.Type(visitor, wrong, used)).Back("code"));
        Assert.True(await house.IsSignedIn(visitor));

        var another = house.Visitor();
        var asked = await house.SignIn(another, "ana");
        Assert.Equal(("Enter your code", "Open your authenticator app and type the code that it shows."), (asked.Heading, asked.Document.QuerySelector(".lead")!.TextContent.Trim()));
        Assert.Equal("This code was used a moment ago. Wait for the next one.", (await FactorHouse.Type(another, asked, used)).Problem);
        house.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False(await house.IsSignedIn(another));
        Assert.NotNull((await FactorHouse.Type(another, asked, phone.Code(house.Server.Now))).Back("code"));
    }

    [Fact]
    public async Task The_key_of_an_app_is_the_same_in_its_three_forms_and_after_a_reload()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        await house.User("ana");
        var visitor = house.Visitor();
        var setup = await house.SignIn(visitor, "ana");
        var again = await visitor.Open(setup.Address.ToString());

        var typed = setup.Document.QuerySelector(".key")!.TextContent.Trim();
        var link = setup.Document.QuerySelector(".scan a")!.GetAttribute("href");
        Assert.Matches("^([A-Z2-7]{4} ){12}[A-Z2-7]{4}$", typed);
        Assert.Equal($"otpauth://totp/Lido%20%2B%20sons:ana?secret={typed.Replace(" ", "", StringComparison.Ordinal)}&issuer=Lido%20%2B%20sons", link);
        Assert.Equal(Poolhouse.Server.Login.MfaSetup.QrCode.Of(link!).Path, setup.Document.QuerySelector(".qr path")!.GetAttribute("d"));
        Assert.Equal((200, typed), (again.Status, again.Document.QuerySelector(".key")!.TextContent.Trim()));
        Assert.Equal(setup.Value("session"), again.Value("session"));
    }

    [Fact]
    public async Task Who_has_no_app_gives_an_address_and_the_code_that_goes_there_is_the_second_factor()
    {
        await using var house = await FactorHouse.WithMfa("ON", FactorHouse.AppAndMail);
        await house.User("ana");
        var visitor = house.Visitor();
        var setup = await house.SignIn(visitor, "ana");
        var wrong = await visitor.Submit(setup, "attribute.email", [("attribute.email", "no address")]);
        Assert.Equal((400, "attribute.email"), (wrong.Status, wrong.Document.QuerySelector("[aria-invalid=true]")!.GetAttribute("name")));

        var asked = await FactorHouse.Next(visitor, await visitor.Submit(wrong, "attribute.email", [("attribute.email", "ana@example.com")]));
        Assert.Equal(("Enter your code", "We sent an email with a code to a***@e***."), (asked.Heading, asked.Document.QuerySelector(".lead")!.TextContent));
        Assert.Equal(400, (await FactorHouse.Type(visitor, asked, "000000")).Status);
        Assert.NotNull((await FactorHouse.Type(visitor, asked, await house.CodeOf("ana"))).Back("code"));
        Assert.Contains("""{"Name":"email_verified","Value":"true"}""", (await house.App.About("ana", "AdminGetUser"))["UserAttributes"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_message_goes_to_a_number_that_is_there_already()
    {
        await using var house = await FactorHouse.WithMfa("ON", FactorHouse.Everything);
        await house.User("ana", ("phone_number", "+15550109934"));
        var visitor = house.Visitor();
        var asked = await house.SignIn(visitor, "ana");
        Assert.Equal("We sent a text message with a code to +*******9934.", asked.Document.QuerySelector(".lead")!.TextContent);
        Assert.NotNull((await FactorHouse.Type(visitor, asked, await house.CodeOf("ana"))).Back("code"));
    }

    [Fact]
    public async Task Of_several_factors_one_is_chosen_and_none_that_was_not_offered()
    {
        await using var house = await FactorHouse.WithMfa("OPTIONAL", FactorHouse.AppAndMail);
        await house.App.User("ana");
        var token = (await house.App.SignIn("ana"))["AccessToken"];
        var phone = await AuthenticatorApp.Enroll(house.App, token, house.Server.Now);
        await house.App.As(token, "SetUserMFAPreference", """{"SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": false}, "EmailMfaSettings": {"Enabled": true} }""");
        house.Clock.Advance(TimeSpan.FromSeconds(30));

        var visitor = house.Visitor();
        var choice = await house.SignIn(visitor, "ana");
        Assert.Equal(["Use my authenticator app Ana's phone", "Email me a code a***@e***"], Buttons(choice));
        var refused = await visitor.Post(choice.Address.ToString(), [("factor", "SMS_MFA"), ("session", choice.Value("session")!), ("_csrf", choice.Value("_csrf")!)]);
        Assert.Equal((400, "This way to sign in is not open to your account. Choose another one."), (refused.Status, refused.Problem));
        var app = await FactorHouse.Next(visitor, await visitor.Press(refused, "SOFTWARE_TOKEN_MFA"));
        Assert.Equal("Ana's phone", app.Document.QuerySelector(".lead strong")!.TextContent);
        Assert.NotNull((await FactorHouse.Type(visitor, app, phone.Code(house.Server.Now))).Back("code"));

        var another = house.Visitor();
        var mail = await FactorHouse.Next(another, await another.Press(await house.SignIn(another, "ana"), "EMAIL_OTP"));
        Assert.NotNull((await FactorHouse.Type(another, mail, await house.CodeOf("ana"))).Back("code"));
    }

    [Fact]
    public async Task Two_tabs_do_not_disturb_each_other()
    {
        await using var house = await FactorHouse.WithMfa("ON", FactorHouse.Everything);
        await house.App.User("ana");
        await house.User("ben", ("phone_number", "+15550109934"));
        var visitor = house.Visitor();
        var ana = await house.SignIn(visitor, "ana");
        var code = await house.CodeOf("ana");
        var ben = await house.SignIn(visitor, "ben");

        var wrong = await FactorHouse.Type(visitor, ana, "000000");
        Assert.Contains("a***@e***", wrong.Document.QuerySelector(".lead")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(400, (await FactorHouse.Type(visitor, ben, code)).Status);
        Assert.NotNull((await FactorHouse.Type(visitor, wrong, code)).Back("code"));
        Assert.NotNull((await FactorHouse.Type(visitor, ben, await house.CodeOf("ben"))).Back("code"));
    }

    [Fact]
    public async Task Too_late_or_too_many_tries_leads_back_to_the_sign_in_page_which_says_so()
    {
        await using var house = await FactorHouse.WithMfa("ON", FactorHouse.AppAndMail);
        await house.App.User("ana");
        var visitor = house.Visitor();
        var asked = await house.SignIn(visitor, "ana");
        house.Clock.Advance(TimeSpan.FromMinutes(3.1));
        var late = await FactorHouse.Type(visitor, asked, await house.CodeOf("ana"));
        var reloaded = await visitor.Open(asked.Address.ToString());
        Assert.Equal((400, "Sign in", "This took too long. Please sign in again.", "ana"), (late.Status, late.Heading, late.Problem, late.Value("username")));
        Assert.Equal((400, "Sign in", late.Problem), (reloaded.Status, reloaded.Heading, reloaded.Problem));

        asked = await house.SignIn(visitor, "ana");
        for (var i = 0; i < 5; i++) Assert.Equal("Enter your code", (await FactorHouse.Type(visitor, asked, "00000" + i)).Heading);
        house.Clock.Advance(TimeSpan.FromMinutes(1));
        var spent = await FactorHouse.Type(visitor, asked, await house.CodeOf("ana"));
        Assert.Equal((400, "Sign in", "This was sent before, or there were too many tries. Please sign in again."), (spent.Status, spent.Heading, spent.Problem));
        Assert.False(await house.IsSignedIn(visitor));
    }

    [Theory]
    [InlineData("/mfa")]
    [InlineData("/mfaOption")]
    [InlineData("/mfaSetup")]
    [InlineData("/factor")]
    public async Task A_page_that_nothing_led_to_leads_to_the_sign_in_page(string path)
    {
        await using var house = await FactorHouse.WithMfa("ON", FactorHouse.AppAndMail);
        var visitor = house.Visitor();
        Assert.StartsWith("/login?", (await visitor.Go(house.Link(path))).Location!, StringComparison.Ordinal);

        var csrf = (await visitor.Open(house.Link())).Value("_csrf")!;
        foreach (var session in (string[])["", "x", new string('A', 64)])
        {
            var refused = await visitor.Post(house.Link(path), [("_csrf", csrf), ("session", session), ("code", "123456"), ("factor", "EMAIL_OTP"), ("password", "x")]);
            Assert.Equal((400, "Sign in"), (refused.Status, refused.Heading));
        }
    }

    [Fact]
    public void A_step_that_no_page_can_show_ends_with_clear_words()
    {
        var refused = Assert.Throws<Http.PageException>(() => Poolhouse.Server.Login.Arrival.PageOf("CUSTOM_CHALLENGE"));
        Assert.Equal((400, "This cannot be done here"), (refused.Status, refused.Title));
    }

    static IEnumerable<string> Buttons(Page page) => page.Document.QuerySelectorAll("button.choice")
        .Select(button => string.Join(' ', button.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
}
