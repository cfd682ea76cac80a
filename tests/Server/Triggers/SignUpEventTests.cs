using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>What functions get when accounts are made and confirmed, to the letter (cognito/triggers.md §1, §3; traps E 83, 86, 89, 91).</summary>
public class SignUpEventTests(TriggerStage stage) : IClassFixture<TriggerStage>
{
    const string Verifying = """, "AutoVerifiedAttributes": ["email"]""";

    [Fact]
    public async Task Before_a_sign_up_the_function_sees_what_was_given_and_no_sub()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-plain")}\"");
        Assert.Equal(200, (await SignUp(app, "ana")).Status);
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"ana",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{app.ClientId}}"},"triggerSource":"PreSignUp_SignUp",
             "request":{"userAttributes":{"email":"ana@example.com"},"validationData":null},
             "response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false} }
            """, stage.Functions.Call("pre-plain"));
        Assert.Equal(("RequestResponse", "application/json", "/2015-03-31/functions/pre-plain/invocations"),
            (stage.Functions.Call("pre-plain").Kind, stage.Functions.Call("pre-plain").ContentType, stage.Functions.Call("pre-plain").Path));
    }

    [Fact]
    public async Task Validation_data_and_metadata_arrive_each_in_its_own_member()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-data")}\"");
        await SignUp(app, "ana", """, "ValidationData": [{"Name": "invited", "Value": "yes"}], "ClientMetadata": {"page": "7"}""");
        var request = stage.Functions.Call("pre-data").Request;
        Assert.Equal("""{"invited":"yes"}""", request["validationData"]!.ToJsonString());
        Assert.Equal("""{"page":"7"}""", request["clientMetadata"]!.ToJsonString());
    }

    [Fact]
    public async Task In_a_pool_of_addresses_the_user_name_is_the_generated_one()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-email")}\"", """, "UsernameAttributes": ["email"]""");
        var made = await app.Try("SignUp", """{"Username": "ana@example.com", "Password": "Passw0rd-1"}""");
        var call = stage.Functions.Call("pre-email");
        Assert.Equal((string)made.Body["UserSub"]!, (string)call.Event["userName"]!);
        Assert.Equal("ana@example.com", (string)call.Request["userAttributes"]!["email"]!);
    }

    [Fact]
    public async Task An_administrator_has_no_client_and_the_flags_mean_nothing()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-admin", """{"autoConfirmUser":true,"autoVerifyEmail":true,"autoVerifyPhone":false}""")}\", \"PostConfirmation\": \"{stage.Functions.Returns("post-admin")}\"");
        await app.About("ana", "AdminCreateUser", """
            {"MessageAction": "SUPPRESS", "UserAttributes": [{"Name": "email", "Value": "ana@example.com"}], "ClientMetadata": {"by": "hand"}, "ValidationData": [{"Name": "a", "Value": "b"}]}
            """);
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"ana",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"CLIENT_ID_NOT_APPLICABLE"},"triggerSource":"PreSignUp_AdminCreateUser",
             "request":{"userAttributes":{"email":"ana@example.com"},"validationData":{"a":"b"},"clientMetadata":{"by":"hand"} },
             "response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false} }
            """, stage.Functions.Call("pre-admin"));
        var (status, attributes) = await User(app, "ana");
        Assert.Equal(("FORCE_CHANGE_PASSWORD", false), (status, attributes.ContainsKey("email_verified")));
        Assert.Empty(stage.Functions.Calls("post-admin"));
    }

    [Fact]
    public async Task A_function_may_confirm_at_once_and_vouch_for_the_address()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-confirm", """{"autoConfirmUser":true,"autoVerifyEmail":true,"autoVerifyPhone":false}""")}\", \"PostConfirmation\": \"{stage.Functions.Returns("post-confirm")}\"", Verifying);
        var made = await SignUp(app, "ana", """, "ClientMetadata": {"page": "7"}""");
        Assert.True((bool)made.Body["UserConfirmed"]!);
        Assert.False(made.Body.ContainsKey("CodeDeliveryDetails"));
        var (status, attributes) = await User(app, "ana");
        Assert.Equal(("CONFIRMED", "true"), (status, (string?)attributes["email_verified"]));
        Assert.Equal(200, (await app.TrySignIn("ana")).Status);
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"ana",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{app.ClientId}}"},"triggerSource":"PostConfirmation_ConfirmSignUp",
             "request":{"userAttributes":{"sub":"{{made.Body["UserSub"]}}","cognito:user_status":"CONFIRMED","email":"ana@example.com","email_verified":"true"},
             "clientMetadata":{"page":"7"} },"response":{} }
            """, stage.Functions.Call("post-confirm"));
    }

    [Fact]
    public async Task Vouching_for_an_address_that_is_not_there_fails_the_sign_up()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-nothing", """{"autoConfirmUser":true,"autoVerifyPhone":true}""")}\"");
        var refused = await SignUp(app, "ana");
        Assert.Equal(("InvalidLambdaResponseException", "PreSignUp verifies phone_number, which the user does not have."), (refused.Error, refused.Message));
        Assert.Equal("UserNotFoundException", (await app.Admin.Try("AdminGetUser", new() { ["UserPoolId"] = app.PoolId, ["Username"] = "ana" })).Error);
    }

    [Fact]
    public async Task An_address_that_a_function_vouches_for_moves_from_who_had_proven_it()
    {
        var app = await stage.App($"\"PreSignUp\": \"{stage.Functions.Returns("pre-alias", """{"autoConfirmUser":true,"autoVerifyEmail":true}""")}\"", """, "AliasAttributes": ["email", "preferred_username"]""");
        const string Same = """[{"Name": "email", "Value": "shared@example.com"}, {"Name": "preferred_username", "Value": "%"}]""";
        Task<ApiReply> Join(string name, string preferred) => app.Try("SignUp", $$"""
            {"Username": "{{name}}", "Password": "Passw0rd-1", "UserAttributes": {{Same.Replace("%", preferred, StringComparison.Ordinal)}}}
            """);
        await Join("first", "star");
        // A name that somebody chose is not proven by anything.
        Assert.Equal("UsernameExistsException", (await Join("second", "star")).Error);
        Assert.Equal(200, (await Join("second", "moon")).Status);
        Assert.Equal("second", (string)(await app.About("shared@example.com", "AdminGetUser"))["Username"]!);
        Assert.Equal("false", (string?)(await User(app, "first")).Attributes["email_verified"]);
    }

    [Fact]
    public async Task Who_confirms_by_a_code_or_by_an_administrator_is_told_of()
    {
        var app = await stage.App($"\"PostConfirmation\": \"{stage.Functions.Returns("post-both")}\"", Verifying);
        await SignUp(app, "ana");
        await SignUp(app, "bea");
        Assert.Empty(stage.Functions.Calls("post-both"));
        Assert.Equal(200, (await app.Try("ConfirmSignUp", $$"""{"Username": "ana", "ConfirmationCode": "{{await app.Code("ana")}}", "ClientMetadata": {"m": "1"} }""")).Status);
        await app.About("bea", "AdminConfirmSignUp", """{"ClientMetadata": {"m": "2"}}""");
        var calls = stage.Functions.Calls("post-both");
        Assert.Equal([app.ClientId, "CLIENT_ID_NOT_APPLICABLE"], calls.Select(call => (string)call.Event["callerContext"]!["clientId"]!));
        Assert.Equal(["1", "2"], calls.Select(call => (string)call.Request["clientMetadata"]!["m"]!));
        Assert.Equal(["true", null], calls.Select(call => (string?)call.Request["userAttributes"]!["email_verified"]));
        Assert.All(calls, call => Assert.Equal("PostConfirmation_ConfirmSignUp", call.Source));
    }

    [Fact]
    public async Task A_function_that_fails_after_the_confirmation_fails_the_call_and_undoes_nothing()
    {
        var app = await stage.App($"\"PostConfirmation\": \"{stage.Functions.Throws("post-throws", "No room")}\"", Verifying);
        await SignUp(app, "ana");
        var reply = await app.Try("ConfirmSignUp", $$"""{"Username": "ana", "ConfirmationCode": "{{await app.Code("ana")}}" }""");
        Assert.Equal(("UserLambdaValidationException", "PostConfirmation failed with error No room."), (reply.Error, reply.Message));
        Assert.Equal("CONFIRMED", (await User(app, "ana")).Status);
    }

    [Fact]
    public async Task After_a_forgotten_password_the_function_is_told()
    {
        var app = await stage.App($"\"PostConfirmation\": \"{stage.Functions.Returns("post-forgot")}\"");
        await app.User("ana");
        await app.Try("ForgotPassword", """{"Username": "ana"}""");
        Assert.Equal(200, (await app.Try("ConfirmForgotPassword", $$"""
            {"Username": "ana", "ConfirmationCode": "{{await app.Code("ana")}}", "Password": "Passw0rd-2", "ClientMetadata": {"m": "1"} }
            """)).Status);
        var call = stage.Functions.Call("post-forgot");
        Assert.Equal(("PostConfirmation_ConfirmForgotPassword", "CONFIRMED", """{"m":"1"}"""),
            (call.Source, (string)call.Request["userAttributes"]!["cognito:user_status"]!, call.Request["clientMetadata"]!.ToJsonString()));
    }

    [Fact]
    public async Task Attributes_that_the_client_may_not_read_are_there_as_texts()
    {
        var app = await stage.App($"\"PostConfirmation\": \"{stage.Functions.Returns("post-attributes")}\"",
            """, "AliasAttributes": ["email"], "Schema": [{"Name": "coach", "AttributeDataType": "Boolean"}]""", """{"ReadAttributes": ["email"]}""");
        await app.About("ana", "AdminCreateUser", """
            {"MessageAction": "SUPPRESS", "UserAttributes": [{"Name": "email", "Value": "ana@example.com"}, {"Name": "email_verified", "Value": "true"}, {"Name": "custom:coach", "Value": "True"}, {"Name": "name", "Value": "Ana"}]}
            """);
        await app.About("ana", "AdminSetUserPassword", """{"Password": "Passw0rd-1", "Permanent": true}""");
        await app.Try("ForgotPassword", """{"Username": "ana"}""");
        await app.Try("ConfirmForgotPassword", $$"""{"Username": "ana", "ConfirmationCode": "{{await app.Code("ana")}}", "Password": "Passw0rd-2"}""");
        var attributes = stage.Functions.Call("post-attributes").Request["userAttributes"]!.AsObject();
        Assert.Equal(["cognito:email_alias", "cognito:user_status", "custom:coach", "email", "email_verified", "name", "sub"], attributes.Select(one => one.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("true", "true", "ana@example.com"), ((string)attributes["custom:coach"]!, (string)attributes["email_verified"]!, (string)attributes["cognito:email_alias"]!));
        Assert.All(attributes, one => Assert.Equal(System.Text.Json.JsonValueKind.String, one.Value!.GetValueKind()));
    }
}
