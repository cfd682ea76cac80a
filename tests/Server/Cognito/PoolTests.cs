using System.Text.Json.Nodes;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class PoolTests
{
    [Fact]
    public async Task A_new_pool_shows_every_default()
    {
        await using var api = await JsonApi.Start();
        var pool = (await api.Call("CreateUserPool", """{"PoolName": "people"}"""))["UserPool"]!;

        Assert.Matches("^us-east-1_[0-9a-zA-Z]{9}$", pool["Id"]!.GetValue<string>());
        Assert.Equal($"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool["Id"]}", pool["Arn"]!.GetValue<string>());
        Assert.Equal(20, pool["SchemaAttributes"]!.AsArray().Count);
        Assert.Equal(1795435200, pool["CreationDate"]!.GetValue<double>());
        Holds(pool, """
            {"MfaConfiguration": "OFF", "EstimatedNumberOfUsers": 0, "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
             "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": false, "UnusedAccountValidityDays": 7}, "LambdaConfig": {},
             "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"}, "DeletionProtection": "INACTIVE", "UserPoolTier": "ESSENTIALS",
             "Policies": {"PasswordPolicy": {"MinimumLength": 8, "RequireUppercase": true, "RequireLowercase": true, "RequireNumbers": true,
                          "RequireSymbols": true, "TemporaryPasswordValidityDays": 7}, "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}}
            """);
        Assert.Null(pool["AccountRecoverySetting"]);
        Assert.Null(pool["PoolName"]);
    }

    [Fact]
    public async Task Every_setting_that_is_given_comes_back()
    {
        await using var api = await JsonApi.Start();
        const string Settings = """
            "DeletionProtection": "ACTIVE", "AutoVerifiedAttributes": ["email"], "AliasAttributes": ["email", "preferred_username"],
            "EmailVerificationMessage": "Your code: {####}", "EmailVerificationSubject": "Code", "SmsAuthenticationMessage": "Code {####}",
            "MfaConfiguration": "OPTIONAL", "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"},
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
            "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true}, "UserPoolTags": {"team": "one"},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true, "InviteMessageTemplate": {"EmailSubject": "Hello"}},
            "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}, "UsernameConfiguration": {"CaseSensitive": false},
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
            "LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:pre"}, "IssuerConfiguration": {"Type": "ORIGINAL"}
            """;
        var id = await api.Pool(", " + Settings);
        var pool = (await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{id}}"}"""))["UserPool"]!;
        Holds(pool, $"{{{Settings}}}");
        Assert.Equal("PLUS", pool["UserPoolTier"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_update_replaces_all_settings_and_leaves_what_was_chosen_once()
    {
        await using var api = await JsonApi.Start();
        var id = await api.Pool(""", "AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"], "UserPoolTags": {"a": "b"}, "Policies": {"PasswordPolicy": {"MinimumLength": 12}}""");
        await api.Call("UpdateUserPool", $$"""{"UserPoolId": "{{id}}", "MfaConfiguration": "OFF", "PoolName": "others"}""");
        var pool = (await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{id}}"}"""))["UserPool"]!;

        Holds(pool, """{"Name": "others", "AliasAttributes": ["email"], "Policies": {"PasswordPolicy": {"MinimumLength": 8}}}""");
        Assert.Null(pool["AutoVerifiedAttributes"]);
        Assert.Null(pool["UserPoolTags"]);
    }

    [Theory]
    [InlineData("InvalidParameterException", """ "AliasAttributes": ["email"], "UsernameAttributes": ["email"] """)]
    [InlineData("InvalidParameterException", """ "Schema": [{"Name": "x", "AttributeDataType": "String", "Required": true}] """)]
    [InlineData("InvalidParameterException", """ "Schema": [{"Name": "email", "AttributeDataType": "Number"}] """)]
    [InlineData("InvalidParameterException", """ "Schema": [{"Name": "n", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "5", "MaxValue": "1"}}] """)]
    [InlineData("InvalidParameterException", """ "MfaConfiguration": "ON" """)]
    [InlineData("InvalidParameterException", """ "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"} """)]
    [InlineData("InvalidParameterException", """ "UserPoolTags": {"poolhouse:NoSRP": "true"} """)]
    [InlineData("InvalidParameterException", """ "UsernameConfiguration": {} """)]
    [InlineData("InvalidParameterException", """ "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}, {"Priority": 2, "Name": "verified_email"}]} """)]
    [InlineData("FeatureUnavailableInTierException", """ "UserPoolTier": "LITE", "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"} """)]
    [InlineData("FeatureUnavailableInTierException", """ "UserPoolTier": "LITE", "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}} """)]
    public async Task Settings_that_contradict_each_other_are_refused(string type, string settings)
    {
        await using var api = await JsonApi.Start();
        Assert.Equal(type, (await api.Refused("CreateUserPool", $$"""{"PoolName": "p", {{settings}}}""")).Type);
    }

    [Fact]
    public async Task A_pool_is_listed_in_its_own_region_and_found_from_any()
    {
        await using var api = await JsonApi.Start();
        var here = await api.Pool();
        api.Region = "eu-west-1";
        var there = await api.Pool();

        var listed = (await api.Call("ListUserPools", """{"MaxResults": 60}"""))["UserPools"]!.AsArray();
        Assert.Equal(there, Assert.Single(listed)!["Id"]!.GetValue<string>());
        await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{here}}"}""");
    }

    [Fact]
    public async Task Pages_follow_each_other_to_the_end_and_a_foreign_or_old_token_is_refused()
    {
        await using var api = await JsonApi.Start();
        var made = new List<string>();
        for (var i = 0; i < 5; i++) made.Add(await api.Pool());
        var seen = new List<string>();
        var token = "";
        do
        {
            var page = await api.Call("ListUserPools", $$"""{"MaxResults": 2 {{token}}}""");
            seen.AddRange(page["UserPools"]!.AsArray().Select(pool => pool!["Id"]!.GetValue<string>()));
            token = page["NextToken"] is { } next ? $", \"NextToken\": \"{next}\"" : "";
        }
        while (token.Length > 0);
        Assert.Equal(made.Order(StringComparer.Ordinal), seen);

        var first = (await api.Call("ListUserPools", """{"MaxResults": 2}"""))["NextToken"]!.GetValue<string>();
        Assert.Equal("InvalidParameterException", (await api.Refused("ListUserPools", """{"MaxResults": 2, "NextToken": "made-up"}""")).Type);
        Assert.Equal("InvalidParameterException", (await api.Refused("ListUserPoolClients", $$"""{"UserPoolId": "{{made[0]}}", "NextToken": "{{first}}"}""")).Type);
        api.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal("InvalidParameterException", (await api.Refused("ListUserPools", $$"""{"MaxResults": 2, "NextToken": "{{first}}"}""")).Type);
    }

    [Fact]
    public async Task A_protected_pool_and_one_with_a_domain_stay()
    {
        await using var api = await JsonApi.Start();
        var id = await api.Pool(""", "DeletionProtection": "ACTIVE" """);
        Assert.Equal("InvalidParameterException", (await api.Refused("DeleteUserPool", $$"""{"UserPoolId": "{{id}}"}""")).Type);
        await api.Call("UpdateUserPool", $$"""{"UserPoolId": "{{id}}", "DeletionProtection": "INACTIVE"}""");
        await api.Call("CreateUserPoolDomain", $$"""{"UserPoolId": "{{id}}", "Domain": "people"}""");
        Assert.Equal("InvalidParameterException", (await api.Refused("DeleteUserPool", $$"""{"UserPoolId": "{{id}}"}""")).Type);
        await api.Call("DeleteUserPoolDomain", $$"""{"UserPoolId": "{{id}}", "Domain": "people"}""");
        await api.Call("DeleteUserPool", $$"""{"UserPoolId": "{{id}}"}""");
        var gone = await api.Refused("DescribeUserPool", $$"""{"UserPoolId": "{{id}}"}""");
        Assert.Equal(("ResourceNotFoundException", $"User pool {id} does not exist."), (gone.Type, gone.Text));
    }

    [Fact]
    public async Task Custom_attributes_are_added_under_their_prefix_once_and_for_good()
    {
        await using var api = await JsonApi.Start();
        var id = await api.Pool(""", "Schema": [{"Name": "plan", "AttributeDataType": "String"}, {"Name": "email", "Required": true}]""");
        await api.Call("AddCustomAttributes", $$"""{"UserPoolId": "{{id}}", "CustomAttributes": [{"Name": "age", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "150"} }, {"Name": "key", "DeveloperOnlyAttribute": true}]}""");
        var schema = (await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{id}}"}"""))["UserPool"]!["SchemaAttributes"]!.AsArray();

        Assert.Equal(["custom:plan", "custom:age", "dev:key"], schema.Skip(20).Select(attribute => attribute!["Name"]!.GetValue<string>()));
        Assert.True(schema.Single(attribute => attribute!["Name"]!.GetValue<string>() == "email")!["Required"]!.GetValue<bool>());
        Assert.Equal("InvalidParameterException", (await api.Refused("AddCustomAttributes", $$"""{"UserPoolId": "{{id}}", "CustomAttributes": [{"Name": "age"}]}""")).Type);
    }

    /// <summary>Whether everything in the expectation is in the reply; the reply may hold more.</summary>
    internal static void Holds(JsonNode? actual, string expected) => Holds(actual, JsonNode.Parse(expected), "");

    static void Holds(JsonNode? actual, JsonNode? expected, string at)
    {
        if (expected is not JsonObject members)
        {
            Assert.True(JsonNode.DeepEquals(actual, expected), $"{at}: {actual?.ToJsonString() ?? "absent"}, not {expected?.ToJsonString()}");
            return;
        }
        Assert.True(actual is JsonObject, $"{at} is absent");
        foreach (var (name, value) in members) Holds(actual![name], value, $"{at}.{name}");
    }
}
