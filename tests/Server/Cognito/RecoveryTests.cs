using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>By which channels a password comes back, and passwords that an administrator takes away.</summary>
public class RecoveryTests
{
    const string NoChannel = "Cannot reset password for the user as there is no registered/verified email or phone_number";

    static readonly string[] Both = ["email=ana@example.com", "email_verified=true", "phone_number=+12065550100", "phone_number_verified=true"];

    [Theory]
    [InlineData("[]", "+*******0100")]
    [InlineData("""[{"Priority": 2, "Name": "verified_phone_number"}, {"Priority": 1, "Name": "verified_email"}]""", "a***@e***")]
    [InlineData("""[{"Priority": 1, "Name": "verified_phone_number"}]""", "+*******0100")]
    [InlineData("""[{"Priority": 1, "Name": "admin_only"}]""", null)]
    public async Task The_code_goes_where_the_pool_says(string mechanisms, string? destination)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: mechanisms == "[]" ? null : $$"""{"AccountRecoverySetting": {"RecoveryMechanisms": {{mechanisms}} } }""");
        await User(app, Both);
        var reply = await Forgot(app);
        if (destination is null) Assert.Equal(("InvalidParameterException", NoChannel), Refused("ForgotPassword", reply));
        else Assert.Equal(destination, (string)reply.Body["CodeDeliveryDetails"]!["Destination"]!);
    }

    [Fact]
    public async Task Never_to_the_channel_of_the_preferred_second_factor()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {} }"""));
        await User(app, Both);
        await app.About("ana", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("phone_number_verified=false")}} }""");
        Assert.Equal("EMAIL", (string)(await Forgot(app)).Body["CodeDeliveryDetails"]!["DeliveryMedium"]!);
        await app.About("ana", "AdminSetUserMFAPreference", """{"EmailMfaSettings": {"Enabled": true, "PreferredMfa": true} }""");
        Assert.Equal(("InvalidParameterException", NoChannel), Refused("ForgotPassword", await Forgot(app)));
        Assert.Equal(("InvalidParameterException", NoChannel), Refused("AdminResetUserPassword", await Take(app)));

        await app.About("ana", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("phone_number_verified=true")}} }""");
        Assert.Equal("SMS", (string)(await Forgot(app)).Body["CodeDeliveryDetails"]!["DeliveryMedium"]!);
        await app.About("ana", "AdminSetUserMFAPreference", """{"EmailMfaSettings": {"Enabled": true} }""");
        await app.About("ana", "AdminUpdateUserAttributes", $$"""{"UserAttributes": {{App.List("phone_number_verified=false")}} }""");
        Assert.Equal("EMAIL", (string)(await Forgot(app)).Body["CodeDeliveryDetails"]!["DeliveryMedium"]!);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_password_that_is_taken_away_is_replaced_by_the_code_that_went_out(string ends)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: $$$"""{"UserPoolTags": {"poolhouse:RevokeOnPasswordChange": "{{{ends}}}"} }""");
        await User(app, Both[..2]);
        var session = await app.SignIn("ana");
        Assert.Empty(await app.About("ana", "AdminResetUserPassword"));
        Assert.Equal("RESET_REQUIRED", (string)(await app.About("ana", "AdminGetUser"))["UserStatus"]!);
        Assert.Equal(("PasswordResetRequiredException", "Password reset required for the user"), Refused("InitiateAuth", await app.TrySignIn("ana")));
        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("ana", "Wrong-1234")).Message);
        Assert.Equal(ends == "true" ? 400 : 200, (await app.Refresh((string)session["RefreshToken"]!)).Status);

        Assert.Equal(200, (await AccountTests.Reset(app, "ana", await app.Code("ana"), "Other-1234")).Status);
        Assert.Equal("CONFIRMED", (string)(await app.About("ana", "AdminGetUser"))["UserStatus"]!);
        await app.SignIn("ana", "Other-1234");
    }

    [Fact]
    public async Task A_password_that_could_not_come_back_is_not_taken()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, pool: """{"AutoVerifiedAttributes": ["email"]}""");
        await User(app, "email=ana@example.com");
        Assert.Equal(("InvalidParameterException", NoChannel), Refused("AdminResetUserPassword", await Take(app)));
        await app.SignIn("ana");
        await AccountTests.SignUp(app, "una");
        Assert.Equal(("NotAuthorizedException", "User password cannot be reset in the current state."), Refused("AdminResetUserPassword", await Take(app, "una")));
        await app.About("ana", "AdminDisableUser");
        Assert.Equal(("NotAuthorizedException", "User is disabled."), Refused("AdminResetUserPassword", await Take(app)));
        await app.About("temp", "AdminCreateUser", $$"""{"MessageAction": "SUPPRESS", "UserAttributes": {{App.List("email=t@example.com", "email_verified=true")}} }""");
        Assert.Equal(("NotAuthorizedException", "User password cannot be reset in the current state."), Refused("AdminResetUserPassword", await Take(app, "temp")));
    }

    [Fact]
    public async Task Five_an_hour_and_the_password_stays_when_no_more_codes_go_out()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await User(app, Both[..2]);
        for (var sent = 0; sent < 5; sent++) await Forgot(app);
        Assert.Equal(("LimitExceededException", "Attempt limit exceeded, please try after some time."), Refused("AdminResetUserPassword", await Take(app)));
        await app.SignIn("ana");
    }

    [Theory]
    [InlineData("""{"Policies": {"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 0} } }""", 7)]
    [InlineData("""{"Policies": {"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 2} } }""", 2)]
    [InlineData("""{"AdminCreateUserConfig": {"UnusedAccountValidityDays": 3} }""", 3)]
    public async Task A_temporary_password_ends_after_the_pools_days_and_none_is_seven(string pool, int days)
    {
        var start = TimeProvider.System.GetUtcNow();
        var clock = new FakeTimeProvider(start);
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, pool: pool);
        await app.About("ana", "AdminCreateUser", """{"TemporaryPassword": "Temp-1234", "MessageAction": "SUPPRESS"}""");
        clock.AdjustTime(start.AddDays(days).AddMinutes(-1));
        Assert.Equal("NEW_PASSWORD_REQUIRED", (string)(await app.TrySignIn("ana", "Temp-1234")).Body["ChallengeName"]!);
        clock.AdjustTime(start.AddDays(days));
        Assert.Equal(("NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."), Refused("InitiateAuth", await app.TrySignIn("ana", "Temp-1234")));
        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("ana", "Wrong-1234")).Message);
    }

    static Task User(App app, params string[] attributes) => app.Admin.User(app.PoolId, "ana", attributes: JsonNode.Parse(App.List(attributes))!.AsArray());

    static Task<ApiReply> Forgot(App app) => app.Try("ForgotPassword", """{"Username": "ana"}""");

    static Task<ApiReply> Take(App app, string name = "ana") => app.Admin.Try("AdminResetUserPassword", new() { ["UserPoolId"] = app.PoolId, ["Username"] = name });
}
