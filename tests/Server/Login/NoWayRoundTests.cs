using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

/// <summary>security.md P5: where a pool demands a second factor, no way through the pages leads past it.</summary>
public class NoWayRoundTests
{
    [Fact]
    public async Task Signing_in()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        await house.User("ana");
        var visitor = house.Visitor();
        await Stopped(house, visitor, await house.SignIn(visitor, "ana"));
    }

    [Fact]
    public async Task Signing_up_and_confirming()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        var visitor = house.Visitor();
        var form = await visitor.Open(house.Link("/signup"));
        var confirm = await FactorHouse.Next(visitor, await visitor.Submit(form, "password",
            [("username", "ana"), ("attribute.email", "ana@example.com"), ("password", FactorHouse.Password)]));
        Assert.Equal("Confirm your account", confirm.Heading);
        await Stopped(house, visitor, await FactorHouse.Type(visitor, confirm, await house.CodeOf("ana")));
    }

    [Fact]
    public async Task Confirming_on_the_way_of_a_sign_in()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        await house.App.Try("SignUp", $$"""{"Username": "ana", "Password": "{{FactorHouse.Password}}", "UserAttributes": [{"Name": "email", "Value": "ana@example.com"}]}""");
        house.Clock.Advance(TimeSpan.FromSeconds(1));
        var visitor = house.Visitor();
        var confirm = await house.SignIn(visitor, "ana");
        Assert.Equal("Confirm your account", confirm.Heading);
        await Stopped(house, visitor, await FactorHouse.Type(visitor, confirm, await house.CodeOf("ana")));
    }

    [Fact]
    public async Task Resetting_the_password()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        await house.App.User("ana");
        var visitor = house.Visitor();
        var forgot = await visitor.Open(house.Link("/forgotPassword"));
        var reset = await FactorHouse.Next(visitor, await visitor.Submit(forgot, "username", [("username", "ana")]));
        var login = await FactorHouse.Next(visitor, await visitor.Submit(reset, "code", [("code", await house.CodeOf("ana")), ("new_password", "Passw0rd-2")]));
        Assert.Equal("Sign in", login.Heading);
        await Stopped(house, visitor, await FactorHouse.Next(visitor, await SeededServer.SignIn(visitor, login, "ana", "Passw0rd-2")));
    }

    [Fact]
    public async Task Replacing_a_temporary_password()
    {
        await using var house = await FactorHouse.WithMfa("ON");
        await house.App.About("ana", "AdminCreateUser", """{"TemporaryPassword": "Temporary-1", "MessageAction": "SUPPRESS"}""");
        var visitor = house.Visitor();
        var page = await house.SignIn(visitor, "ana", "Temporary-1");
        Assert.Equal("Choose a new password", page.Heading);
        await Stopped(house, visitor, await FactorHouse.Next(visitor, await visitor.Submit(page, "new_password", [("new_password", "Passw0rd-2")])));
    }

    [Fact]
    public async Task Choosing_how_to_begin()
    {
        await using var house = await FactorHouse.WithChoice();
        await house.App.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{house.App.PoolId}}", "MfaConfiguration": "OPTIONAL", {{FactorHouse.AppAndMail}} }"""));
        await house.App.User("ana");
        await house.App.About("ana", "AdminSetUserMFAPreference", """{"EmailMfaSettings": {"Enabled": true} }""");
        var visitor = house.Visitor();
        var page = await FactorHouse.Next(visitor, await visitor.Submit(await visitor.Open(house.Link()), "username", [("username", "ana")]));

        // The form offers the password only; a hand-made one gets nothing else either.
        Assert.Empty(page.Document.QuerySelectorAll("button.choice"));
        var forced = await visitor.Submit(page, "session", [("factor", "EMAIL_OTP")]);
        Assert.Equal((400, null), (forced.Status, forced.Location));
        page = await FactorHouse.Next(visitor, await visitor.Submit(await visitor.Open(house.Link()), "username", [("username", "ana")]));
        var asked = await FactorHouse.Next(visitor, await visitor.Submit(page, "password", [("password", FactorHouse.Password)]));
        Assert.Equal(("Enter your code", false), (asked.Heading, await house.IsSignedIn(visitor)));
        Assert.NotNull((await FactorHouse.Type(visitor, asked, await house.CodeOf("ana"))).Back("code"));
    }

    // Nothing to hold on to: no code for the app, no session in the browser, and the next visit begins anew.
    static async Task Stopped(FactorHouse house, Visitor visitor, Page page)
    {
        Assert.Equal((200, "Add a second step", null), (page.Status, page.Heading, page.Location));
        Assert.False(await house.IsSignedIn(visitor));
        Assert.Equal("Sign in", (await visitor.Open(house.Link())).Heading);
        Assert.NotNull((await FactorHouse.Type(visitor, page, FactorHouse.Scan(page).Code(house.Server.Now))).Back("code"));
        Assert.True(await house.IsSignedIn(visitor));
    }
}
