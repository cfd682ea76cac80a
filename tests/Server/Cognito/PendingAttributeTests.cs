using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>Pools that verify an address before it takes the place of the old one.</summary>
public class PendingAttributeTests
{
    const string Emails = """{"AutoVerifiedAttributes": ["email"], "UsernameAttributes": ["email"], "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]} }""";
    const string Names = """{"AutoVerifiedAttributes": ["email"], "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]} }""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_old_address_stays_and_signs_in_until_the_new_one_is_proven(bool byAdministrator)
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, Emails, "ana@example.com");
        if (byAdministrator) await app.About("ana@example.com", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("email=new@example.com", "name=Ana")}} }""");
        else Assert.Equal("n***@e***", (string)(await app.Update(token, "email=new@example.com", "name=Ana")).Body["CodeDeliveryDetailsList"]![0]!["Destination"]!);

        await Has(app, token, "ana@example.com");
        Assert.Equal("Ana", (await app.AttributesOf(token))["name"]);
        Assert.Equal("UserNotFoundException", (await app.TrySignIn("new@example.com")).Error);
        await app.SignIn("ana@example.com");
        Assert.Equal("a***@e***", (string)(await app.Try("ForgotPassword", """{"Username": "ana@example.com"}""")).Body["CodeDeliveryDetails"]!["Destination"]!);
        var reset = await app.Code("ana@example.com");

        Assert.Equal(200, (await app.Verify(token, "email", await app.Code("new@example.com"))).Status);
        await Has(app, token, "new@example.com");
        await app.SignIn("new@example.com");
        Assert.Equal("UserNotFoundException", (await app.TrySignIn("ana@example.com")).Error);
        Assert.Equal("ExpiredCodeException", (await AccountTests.Reset(app, "new@example.com", reset, "Other-1234")).Error);
    }

    [Fact]
    public async Task The_code_is_sent_again_to_the_address_that_waits()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, Names);
        await app.Update(token, "email=new@example.com");
        var again = await app.As(token, "GetUserAttributeVerificationCode", """{"AttributeName": "email"}""");
        Assert.Equal("n***@e***", (string)again.Body["CodeDeliveryDetails"]!["Destination"]!);
        Assert.Equal(200, (await app.Verify(token, "email", await app.Code("new@example.com"))).Status);
        await Has(app, token, "new@example.com");
        var own = await app.As(token, "GetUserAttributeVerificationCode", """{"AttributeName": "email"}""");
        Assert.Equal("n***@e***", (string)own.Body["CodeDeliveryDetails"]!["Destination"]!);
    }

    [Fact]
    public async Task Of_two_changes_that_wait_the_last_one_counts()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, Names);
        await app.Update(token, "email=one@example.com");
        await app.Update(token, "email=two@example.com");
        var (one, two) = (await app.Code("one@example.com"), await app.Code("two@example.com"));
        if (one != two) Assert.Equal("CodeMismatchException", (await app.Verify(token, "email", one)).Error);
        Assert.Equal(200, (await app.Verify(token, "email", two)).Status);
        await Has(app, token, "two@example.com");
    }

    [Fact]
    public async Task What_an_administrator_has_set_since_is_not_undone_by_a_code_that_went_elsewhere()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, Names);
        await app.Update(token, "email=new@example.com");
        await app.About("ana", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("email=third@example.com", "email_verified=true")}} }""");
        Assert.Equal("ExpiredCodeException", Refused("VerifyUserAttribute", await app.Verify(token, "email", await app.Code("new@example.com"))).Type);
        await Has(app, token, "third@example.com");

        await app.Admin.User(app.PoolId, "bo");
        var bo = (await app.SignIn("bo"))["AccessToken"];
        await app.Update(bo, "email=bo@example.com");
        Assert.False((await app.AttributesOf(bo)).ContainsKey("email"));
        await app.About("bo", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("email=third2@example.com", "email_verified=true")}} }""");
        Assert.Equal("ExpiredCodeException", (await app.Verify(bo, "email", await app.Code("bo@example.com"))).Error);
    }

    [Fact]
    public async Task An_address_that_was_taken_while_it_waited_is_refused_at_the_proof()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, Emails, "ana@example.com");
        await app.Update(token, "email=bo@example.com");
        var code = await app.Code("bo@example.com");
        await app.Admin.User(app.PoolId, "bo@example.com");
        Assert.Equal(("AliasExistsException", "An account with the given email already exists."), Refused("VerifyUserAttribute", await app.Verify(token, "email", code)));
        await Has(app, token, "ana@example.com");
    }

    [Fact]
    public async Task A_code_proves_the_address_that_it_went_to_whichever_way_that_was_changed()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, """{"AutoVerifiedAttributes": ["email"]}""");
        await app.As(token, "GetUserAttributeVerificationCode", """{"AttributeName": "email"}""");
        var code = await app.Code("ana");
        await app.About("ana", "AdminSetUserPassword", """{"Password": "Temp-1234", "Permanent": false}""");
        var session = (string)(await app.TrySignIn("ana", "Temp-1234")).Body["Session"]!;
        Assert.Equal(200, (await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.email", "victim@example.com"))).Status);
        Assert.Equal("ExpiredCodeException", (await app.Verify(token, "email", code)).Error);
        Assert.Equal("false", (await app.AttributesOf(token))["email_verified"]);
    }

    [Fact]
    public async Task Who_chooses_a_first_password_cannot_change_such_an_address_on_the_way()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, _) = await AttributeTests.Ana(server, Names);
        await app.About("ana", "AdminSetUserPassword", """{"Password": "Temp-1234", "Permanent": false}""");
        var session = (string)(await app.TrySignIn("ana", "Temp-1234")).Body["Session"]!;
        var refused = await app.Answer(session, ("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"), ("userAttributes.email", "new@example.com"));
        Assert.Equal(("NotAuthorizedException", "Cannot modify an already provided email"), Refused("RespondToAuthChallenge", refused));
    }

    [Fact]
    public async Task Who_has_only_signed_up_has_nothing_to_keep_and_proves_the_new_address_by_confirming()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: Names);
        await AccountTests.SignUp(app, "una");
        await app.About("una", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("email=new@example.com")}} }""");
        Assert.Equal("ExpiredCodeException", (await AccountTests.Confirm(app, "una", await app.Code("una"))).Error);
        await app.Try("ResendConfirmationCode", """{"Username": "una"}""");
        Assert.Equal(200, (await AccountTests.Confirm(app, "una", await app.Code("new@example.com"))).Status);
        await Has(app, (await app.SignIn("una"))["AccessToken"], "new@example.com");
    }

    static async Task Has(App app, JsonNode? token, string address)
    {
        var attributes = await app.AttributesOf(token);
        Assert.Equal((address, "true"), (attributes["email"], attributes["email_verified"]));
    }
}
