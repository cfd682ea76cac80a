using System.Text.Json.Nodes;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>Which second factors a pool knows: SetUserPoolMfaConfig says so, and UpdateUserPool leaves it alone.</summary>
public class MfaConfigTests
{
    const string Codes = """, "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]} }""";
    const string Alone = "MFA cannot be ON in a user pool whose users may sign in by EMAIL_OTP alone.";

    [Fact]
    public async Task An_update_of_the_pool_leaves_its_second_factors_alone()
    {
        await using var api = await JsonApi.Start();
        var id = await api.Pool();
        await Set(api, id, """ "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {"Subject": "Code"} """);
        await api.Call("UpdateUserPool", $$"""{"UserPoolId": "{{id}}", "MfaConfiguration": "OPTIONAL", "AutoVerifiedAttributes": ["email"]}""");
        PoolTests.Holds(await Get(api, id), """{"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {"Subject": "Code"} }""");
        // Whether one is a must is a setting of the pool like any other: left out, it is at its default.
        await api.Call("UpdateUserPool", $$"""{"UserPoolId": "{{id}}"}""");
        PoolTests.Holds(await Get(api, id), """{"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {"Subject": "Code"} }""");
    }

    [Fact]
    public async Task A_must_needs_something_that_users_can_have()
    {
        await using var api = await JsonApi.Start();
        var id = await api.Pool();
        Assert.Equal("InvalidParameterException", (await api.Refused("UpdateUserPool", $$"""{"UserPoolId": "{{id}}", "MfaConfiguration": "ON"}""")).Type);
        foreach (var nothing in (string[])[""" "MfaConfiguration": "ON" """, """ "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": false} """])
            Assert.Equal("MFA cannot be ON or OPTIONAL without SMS, software token or e-mail configuration.", await Refused(api, id, nothing));
        Assert.Equal("SmsMfaConfiguration needs an SmsConfiguration.", await Refused(api, id, """ "MfaConfiguration": "ON", "SmsMfaConfiguration": {} """));
        Assert.Equal("Invalid MFA configuration given, can't disable all MFAs with a configured MFA method.",
            await Refused(api, id, """ "MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": true} """));

        await Set(api, id, """ "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true} """);
        // What the call does not name stays: without a factor the must would lock everybody out.
        Assert.Equal("MFA cannot be ON or OPTIONAL without SMS, software token or e-mail configuration.", await Refused(api, id, """ "SoftwareTokenMfaConfiguration": {"Enabled": false} """));
        PoolTests.Holds(await Get(api, id), """{"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true} }""");
    }

    [Fact]
    public async Task A_must_does_not_go_with_a_code_that_is_enough_alone_whichever_call_says_so()
    {
        await using var api = await JsonApi.Start();
        const string Sms = """, "MfaConfiguration": "ON", "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}""";
        Assert.Equal(Alone, (await api.Refused("CreateUserPool", $$"""{"PoolName": "p"{{Codes}}{{Sms}} }""")).Text);
        var id = await api.Pool(Codes);
        Assert.Equal(Alone, (await api.Refused("UpdateUserPool", $$"""{"UserPoolId": "{{id}}"{{Codes}}{{Sms}} }""")).Text);
        Assert.Equal(Alone, await Refused(api, id, """ "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true} """));
        await Set(api, id, """ "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true} """);

        var strict = await api.Pool();
        await Set(api, strict, """ "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true} """);
        Assert.Equal(Alone, (await api.Refused("UpdateUserPool", $$"""{"UserPoolId": "{{strict}}", "MfaConfiguration": "ON"{{Codes}} }""")).Text);
    }

    static Task<JsonNode> Set(JsonApi api, string id, string members) => api.Call("SetUserPoolMfaConfig", $$"""{"UserPoolId": "{{id}}", {{members}} }""");

    static Task<JsonNode> Get(JsonApi api, string id) => api.Call("GetUserPoolMfaConfig", $$"""{"UserPoolId": "{{id}}"}""");

    static async Task<string> Refused(JsonApi api, string id, string members)
    {
        var error = await api.Refused("SetUserPoolMfaConfig", $$"""{"UserPoolId": "{{id}}", {{members}} }""");
        Assert.Equal("InvalidParameterException", error.Type);
        return error.Text;
    }
}
