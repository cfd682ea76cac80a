using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Users;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class DeviceTests
{
    const string DevicePassword = "device-secret";

    readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_remembered_device_proves_itself_in_place_of_the_second_factor()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Tracking(server, """{"ChallengeRequiredOnNewDevice": true}""");
        var (device, phone) = await Remembered(app, server);
        var begun = (await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", device.Key))).Body;
        Assert.Equal("DEVICE_SRP_AUTH", (string)begun["ChallengeName"]!);

        var srp = new SrpClient();
        var proof = (await app.Respond("DEVICE_SRP_AUTH", (string)begun["Session"]!, ("USERNAME", "ana"), ("DEVICE_KEY", device.Key), ("SRP_A", srp.A))).Body;
        Assert.Equal(("DEVICE_PASSWORD_VERIFIER", device.Key), ((string)proof["ChallengeName"]!, (string)proof["ChallengeParameters"]!["DEVICE_KEY"]!));
        var done = await app.Respond("DEVICE_PASSWORD_VERIFIER", (string)proof["Session"]!, srp.Answer(device.GroupKey, device.Key, proof, DevicePassword));
        var tokens = done.Body["AuthenticationResult"]!;
        Assert.Null(tokens["NewDeviceMetadata"]);
        Assert.Equal(device.Key, (string)App.Claims(tokens["AccessToken"])["device_key"]!);
        Assert.Equal(200, (await Refresh(app, tokens["RefreshToken"], device.Key)).Status);
        foreach (var wrong in (string?[])[null, "us-east-1_11111111-1111-1111-1111-111111111111"])
            Assert.Equal("Invalid Refresh Token", (await Refresh(app, tokens["RefreshToken"], wrong)).Message);
        Assert.NotNull(phone);
    }

    [Fact]
    public async Task A_device_that_lies_or_is_unknown_gets_nowhere()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Tracking(server, """{"ChallengeRequiredOnNewDevice": true}""");
        var (device, _) = await Remembered(app, server);
        var stale = await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", "us-east-1_11111111-1111-1111-1111-111111111111"));
        Assert.Equal(("ResourceNotFoundException", "Device does not exist."), (stale.Error, stale.Message));

        var begun = (await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", device.Key))).Body;
        var srp = new SrpClient();
        var proof = (await app.Respond("DEVICE_SRP_AUTH", (string)begun["Session"]!, ("USERNAME", "ana"), ("DEVICE_KEY", device.Key), ("SRP_A", srp.A))).Body;
        var answer = srp.Answer(device.GroupKey, device.Key, proof, "another-secret");
        Assert.Equal("Incorrect username or password.", (await app.Respond("DEVICE_PASSWORD_VERIFIER", null, answer)).Message);
        Assert.Equal("Invalid session for the user, session can only be used once.", (await app.Respond("DEVICE_PASSWORD_VERIFIER", null, answer)).Message);
    }

    [Fact]
    public async Task Neither_a_device_of_somebody_else_nor_one_that_is_not_remembered_stands_in_for_the_second_factor()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Tracking(server, """{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true}""");
        await app.User("ana");
        await app.User("bob");
        var (tokens, bobs) = (await app.SignIn("ana"), await app.SignIn("bob"));
        await AuthenticatorApp.Enroll(app, tokens["AccessToken"], server.Now);
        var (anas, other) = (Metadata(tokens), Metadata(bobs));
        await Confirm(app, tokens["AccessToken"], anas);
        await Confirm(app, bobs["AccessToken"], other);
        await app.As(bobs["AccessToken"], "UpdateDeviceStatus", $$"""{"DeviceKey": "{{other.Key}}", "DeviceRememberedStatus": "remembered"}""");

        // Bob knows ana's password and has a device of his own.
        var foreign = await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", other.Key));
        Assert.Equal(("ResourceNotFoundException", "Device does not exist."), (foreign.Error, foreign.Message));
        var known = await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", anas.Key));
        Assert.Equal("SOFTWARE_TOKEN_MFA", (string?)known.Body["ChallengeName"]);
        Assert.Equal(("NotAuthorizedException", "Invalid session for the user."), await Answered(app, known, "DEVICE_SRP_AUTH", ("DEVICE_KEY", anas.Key), ("SRP_A", new SrpClient().A)));
    }

    [Fact]
    public async Task Where_the_user_is_asked_a_device_is_remembered_when_the_user_says_so()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Tracking(server, """{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true}""");
        await app.User("ana");
        var tokens = await app.SignIn("ana");
        var device = Metadata(tokens);
        var confirmed = await Confirm(app, tokens["AccessToken"], device);
        Assert.True((bool)confirmed.Body["UserConfirmationNecessary"]!);
        Assert.Equal("DeviceKeyExistsException", (await Confirm(app, tokens["AccessToken"], device)).Error);
        Assert.NotNull((await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", device.Key))).Body["AuthenticationResult"]);
        await app.As(tokens["AccessToken"], "UpdateDeviceStatus", $$"""{"DeviceKey": "{{device.Key}}", "DeviceRememberedStatus": "remembered"}""");
        Assert.Equal("DEVICE_SRP_AUTH", (string)(await app.Flow("USER_PASSWORD_AUTH", ("USERNAME", "ana"), ("PASSWORD", "Passw0rd-1"), ("DEVICE_KEY", device.Key))).Body["ChallengeName"]!);
    }

    [Fact]
    public async Task Devices_are_listed_shown_and_forgotten_and_with_a_device_go_its_sessions()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Tracking(server, "{}");
        await app.User("ana");
        var tokens = await app.SignIn("ana");
        var device = Metadata(tokens);
        Assert.StartsWith("us-east-1_", device.Key, StringComparison.Ordinal);
        var other = await app.SignIn("ana");
        await Confirm(app, tokens["AccessToken"], device);

        var page = (await app.As(tokens["AccessToken"], "ListDevices", """{"Limit": 1}""")).Body;
        Assert.Single(page["Devices"]!.AsArray());
        var rest = (await app.As(tokens["AccessToken"], "ListDevices", $$"""{"Limit": 1, "PaginationToken": "{{page["PaginationToken"]}}"}""")).Body;
        Assert.Null(rest["PaginationToken"]);
        var shown = (await app.About("ana", "AdminGetDevice", $$"""{"DeviceKey": "{{device.Key}}"}"""))["Device"]!;
        Assert.Equal(["device_status", "device_name"], shown["DeviceAttributes"]!.AsArray().Select(one => (string)one!["Name"]!).Where(name => name != "last_ip_used"));

        Assert.Equal(200, (await app.As(tokens["AccessToken"], "ForgetDevice", $$"""{"DeviceKey": "{{device.Key}}"}""")).Status);
        Assert.Equal("Access Token has been revoked", (await app.GetUser((string)tokens["AccessToken"]!)).Message);
        Assert.Equal("Refresh Token has been revoked", (await Refresh(app, tokens["RefreshToken"], device.Key)).Message);
        Assert.Equal(200, (await app.GetUser((string)other["AccessToken"]!)).Status);
        Assert.Equal(("ResourceNotFoundException", "Device does not exist."), await Refused(app, other["AccessToken"], "GetDevice", $$"""{"DeviceKey": "{{device.Key}}"}"""));
    }

    [Fact]
    public async Task A_pool_that_tracks_no_devices_says_so_and_hands_out_no_keys()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        var tokens = await app.SignIn("ana");
        Assert.Null(tokens["NewDeviceMetadata"]);
        Assert.Equal("InvalidUserPoolConfigurationException", (await Refused(app, tokens["AccessToken"], "ListDevices")).Type);
    }

    [Theory]
    [InlineData("", "AAAA"), InlineData("AAAA", ""), InlineData("not base64", "AAAA")]
    public async Task A_verifier_that_is_none_is_refused(string verifier, string salt)
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await Tracking(server, "{}");
        await app.User("ana");
        var tokens = await app.SignIn("ana");
        Assert.Equal("InvalidParameterException", (await Refused(app, tokens["AccessToken"], "ConfirmDevice", $$"""
            {"DeviceKey": "{{Metadata(tokens).Key}}", "DeviceSecretVerifierConfig": {"PasswordVerifier": "{{verifier}}", "Salt": "{{salt}}"} }
            """)).Type);
    }

    static async Task<App> Tracking(PoolhouseTestServer server, string devices)
    {
        var app = await App.Start(server, pool: $$"""{"DeviceConfiguration": {{devices}} }""");
        await app.Admin.Call("SetUserPoolMfaConfig", App.Object($$"""{"UserPoolId": "{{app.PoolId}}", "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true} }"""));
        return app;
    }

    async Task<((string Key, string GroupKey) Device, AuthenticatorApp Phone)> Remembered(App app, PoolhouseTestServer server)
    {
        await app.User("ana");
        var tokens = await app.SignIn("ana");
        var device = Metadata(tokens);
        var phone = await AuthenticatorApp.Enroll(app, tokens["AccessToken"], server.Now);
        Assert.False((bool)(await Confirm(app, tokens["AccessToken"], device)).Body["UserConfirmationNecessary"]!);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("SOFTWARE_TOKEN_MFA", (string)(await app.TrySignIn("ana")).Body["ChallengeName"]!);
        return (device, phone);
    }

    static (string Key, string GroupKey) Metadata(JsonNode tokens) =>
        ((string)tokens["NewDeviceMetadata"]!["DeviceKey"]!, (string)tokens["NewDeviceMetadata"]!["DeviceGroupKey"]!);

    // As Amplify does it: the verifier of a password that the device made up, in PAD bytes.
    static Task<ApiReply> Confirm(App app, JsonNode? token, (string Key, string GroupKey) device)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var verifier = Srp.Pad(Srp.Number(Srp.Verifier(device.GroupKey, device.Key, DevicePassword, salt)));
        return app.As(token, "ConfirmDevice", $$"""
            {"DeviceKey": "{{device.Key}}", "DeviceName": "Ana's laptop",
             "DeviceSecretVerifierConfig": {"PasswordVerifier": "{{Convert.ToBase64String(verifier)}}", "Salt": "{{Convert.ToBase64String(Srp.Pad(Srp.Number(salt)))}}"} }
            """);
    }

    static Task<ApiReply> Refresh(App app, JsonNode? token, string? device) =>
        app.Flow("REFRESH_TOKEN_AUTH", ("REFRESH_TOKEN", (string)token!), ("DEVICE_KEY", device));

    static async Task<(string? Type, string? Message)> Answered(App app, ApiReply asked, string challenge, params (string, string?)[] answer)
    {
        var reply = await app.Respond(challenge, (string?)asked.Body["Session"], [("USERNAME", "ana"), .. answer]);
        return (reply.Error, reply.Message);
    }

    static async Task<(string? Type, string? Message)> Refused(App app, JsonNode? token, string operation, string more = "{}")
    {
        var reply = await app.As(token, operation, more);
        ErrorLists.Check(operation, reply.Error!);
        return (reply.Error, reply.Message);
    }
}
