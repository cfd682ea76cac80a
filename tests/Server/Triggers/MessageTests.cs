using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>Functions that word messages, and functions that send them.</summary>
public class MessageTests(TriggerStage stage) : IClassFixture<TriggerStage>
{
    // The API wants a key of AWS named with such functions; it is not used here.
    const string Kms = "\"KMSKeyID\": \"arn:aws:kms:us-east-1:000000000000:key/x\"";
    const string Verifying = """, "AutoVerifiedAttributes": ["email"]""";

    [Fact]
    public async Task A_function_words_the_message_and_never_sees_the_code()
    {
        var app = await Wording("word-sign-up", """{"emailMessage":"Welcome, use {####} soon","emailSubject":"Hello"}""");
        var made = await SignUp(app, "ana", """, "ClientMetadata": {"lang": "de"}""");
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"ana",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{app.ClientId}}"},"triggerSource":"CustomMessage_SignUp",
             "request":{"userAttributes":{"sub":"{{made.Body["UserSub"]}}","cognito:user_status":"UNCONFIRMED","email":"ana@example.com"},
             "codeParameter":"{####}","linkParameter":"{##Click Here##}","usernameParameter":null,"clientMetadata":{"lang":"de"} },
             "response":{"smsMessage":null,"emailMessage":null,"emailSubject":null} }
            """, stage.Functions.Call("word-sign-up"));
        var sent = await Last(app, "ana");
        Assert.Equal(("Hello", $"Welcome, use {sent.Code} soon"), (sent.Text!.Subject, sent.Text.Body));
        Assert.DoesNotContain(sent.Code!, stage.Functions.Call("word-sign-up").Body, StringComparison.Ordinal);
        Assert.Equal(200, (await app.Try("ConfirmSignUp", $$"""{"Username": "ana", "ConfirmationCode": "{{sent.Code}}" }""")).Status);
    }

    [Fact]
    public async Task An_invitation_has_a_place_for_the_name()
    {
        var app = await Wording("word-invite", """{"emailMessage":"You are {username}, {####} opens","emailSubject":null}""");
        await app.About("ana", "AdminCreateUser", """
            {"DesiredDeliveryMediums": ["EMAIL"], "UserAttributes": [{"Name": "email", "Value": "ana@example.com"}], "ClientMetadata": {"m": "1"}}
            """);
        var call = stage.Functions.Call("word-invite");
        Assert.Equal(("CustomMessage_AdminCreateUser", "{username}", "1", "CLIENT_ID_NOT_APPLICABLE"), (call.Source, (string)call.Request["usernameParameter"]!,
            (string)call.Request["clientMetadata"]!["m"]!, (string)call.Event["callerContext"]!["clientId"]!));
        var sent = await Last(app, "ana");
        Assert.Equal(("Your temporary password", $"You are ana, {sent.Code} opens"), (sent.Text!.Subject, sent.Text.Body));
    }

    [Fact]
    public async Task Each_occasion_has_its_source_and_its_metadata()
    {
        var app = await Wording("word-all", """{"emailMessage":"x {####}","emailSubject":"y"}""");
        await SignUp(app, "ana");
        await app.Try("ResendConfirmationCode", """{"Username": "ana", "ClientMetadata": {"m": "resend"}}""");
        await app.User("bea");
        await app.Try("ForgotPassword", """{"Username": "bea", "ClientMetadata": {"m": "forgot"}}""");
        var calls = stage.Functions.Calls("word-all");
        Assert.Equal(["CustomMessage_SignUp", "CustomMessage_ResendCode", "CustomMessage_ForgotPassword"], calls.Select(call => call.Source));
        Assert.Equal([null, "resend", "forgot"], calls.Select(call => (string?)call.Request["clientMetadata"]?["m"]));
    }

    [Theory]
    [InlineData("word-null", """{"smsMessage":null,"emailMessage":null,"emailSubject":null}""", "Your confirmation code is ", false)]
    [InlineData("word-no-code", """{"emailMessage":"Hello","emailSubject":"Hello"}""", "Your confirmation code is ", true)]
    [InlineData("word-header", """{"emailMessage":"Use {####}","emailSubject":"Hello\r\nBcc: x@example.com"}""", "Your confirmation code is ", true)]
    [InlineData("word-subject", """{"emailSubject":"Only this"}""", "Your confirmation code is ", false)]
    public async Task A_text_that_would_lose_the_code_is_not_sent(string name, string response, string begin, bool warned)
    {
        var app = await Wording(name, response);
        await SignUp(app, "ana");
        var sent = await Last(app, "ana");
        Assert.Equal(begin + sent.Code, sent.Text!.Body);
        Assert.Equal(name == "word-subject" ? "Only this" : "Your verification code", sent.Text.Subject);
        Assert.Equal(warned, stage.Server.Log.Any(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(Functions.Arn(name), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_function_that_refuses_keeps_the_sign_up_from_happening()
    {
        var app = await stage.App($"\"CustomMessage\": \"{stage.Functions.Throws("word-throws", "Not you")}\"", Verifying);
        Assert.Equal("CustomMessage failed with error Not you.", (await SignUp(app, "ana")).Message);
        Assert.Equal("UserNotFoundException", (await app.Admin.Try("AdminGetUser", new() { ["UserPoolId"] = app.PoolId, ["Username"] = "ana" })).Error);
    }

    [Fact]
    public async Task A_function_that_sends_gets_the_code_sealed_after_the_commit()
    {
        var app = await Sending("send-email", "CustomEmailSender", """, "CustomMessage": "arn:aws:lambda:us-east-1:000000000000:function:send-never" """);
        var made = await SignUp(app, "ana", """, "ClientMetadata": {"m": "1"}""");
        Assert.Equal("a***@e***", (string)made.Body["CodeDeliveryDetails"]!["Destination"]!);
        var call = await stage.Functions.Wait("send-email");
        var code = (string)call.Request["code"]!;
        Same($$"""
            {"version":"1","region":"us-east-1","userPoolId":"{{app.PoolId}}","userName":"ana",
             "callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"{{app.ClientId}}"},"triggerSource":"CustomEmailSender_SignUp",
             "request":{"type":"customEmailSenderRequestV1","code":"{{code}}","clientMetadata":{"m":"1"},
             "userAttributes":{"sub":"{{made.Body["UserSub"]}}","cognito:user_status":"UNCONFIRMED","email":"ana@example.com"} },"response":{} }
            """, call);
        Assert.Equal("Event", call.Kind);
        Assert.Equal(200, (await app.Try("ConfirmSignUp", $$"""{"Username": "ana", "ConfirmationCode": "{{Open(code)}}" }""")).Status);
        // It replaces the pool's own message and the function that would word it.
        Assert.Empty(stage.Functions.Calls("send-never"));
        Assert.Null((await Last(app, "ana")).Text);
    }

    [Fact]
    public async Task A_temporary_password_is_safe_in_markup_and_goes_by_the_medium_that_was_asked_for()
    {
        var app = await Sending("send-sms", "CustomSMSSender", $", \"CustomEmailSender\": {{\"LambdaVersion\": \"V1_0\", \"LambdaArn\": \"{stage.Functions.Returns("send-mail")}\"}}");
        await app.About("ana", "AdminCreateUser", """
            {"DesiredDeliveryMediums": ["SMS", "EMAIL"], "TemporaryPassword": "Temp0rary<&>1", "ClientMetadata": {"m": "1"},
             "UserAttributes": [{"Name": "phone_number", "Value": "+15555550100"}, {"Name": "email", "Value": "ana@example.com"}]}
            """);
        var (sms, mail) = (await stage.Functions.Wait("send-sms"), await stage.Functions.Wait("send-mail"));
        Assert.Equal(("CustomSMSSender_AdminCreateUser", "customSMSSenderRequestV1", "Temp0rary&lt;&amp;&gt;1"), (sms.Source, (string)sms.Request["type"]!, Open((string)sms.Request["code"]!)));
        // Functions for e-mail see metadata on few occasions, and this is none of them.
        Assert.Equal(("1", null), ((string?)sms.Request["clientMetadata"]?["m"], (string?)mail.Request["clientMetadata"]?["m"]));
    }

    [Fact]
    public async Task A_function_that_fails_to_send_does_not_fail_the_call()
    {
        var app = await stage.App($"{Kms}, \"CustomEmailSender\": {{\"LambdaVersion\": \"V1_0\", \"LambdaArn\": \"{stage.Functions.Throws("send-throws", "ana@example.com bounced")}\"}}", Verifying);
        Assert.Equal(200, (await SignUp(app, "ana")).Status);
        await stage.Functions.Wait("send-throws");
        await Eventually(() => stage.Server.Log.Any(line => line.Contains("CustomEmailSender_SignUp", StringComparison.Ordinal) && line.Contains("Thrown", StringComparison.Ordinal)));
        Assert.DoesNotContain(stage.Server.Log, line => line.Contains("bounced", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SAM_local_knows_no_calls_that_nobody_waits_for_and_is_called_the_other_way()
    {
        stage.Functions.Deploy("send-sam", call => call.Kind == "Event" ? new("""{"Type":"LocalService"}""", 501) : new("{}"));
        var app = await stage.App($"{Kms}, \"CustomEmailSender\": {{\"LambdaVersion\": \"V1_0\", \"LambdaArn\": \"{Functions.Arn("send-sam")}\"}}", Verifying);
        await SignUp(app, "ana");
        await Eventually(() => stage.Functions.Calls("send-sam").Count == 2);
        Assert.Equal(["Event", "RequestResponse"], stage.Functions.Calls("send-sam").Select(call => call.Kind));
    }

    [Fact]
    public async Task Without_a_key_no_code_is_made_and_the_log_says_what_is_missing()
    {
        await using var server = await PoolhouseTestServer.Start(settings: settings => settings with { Triggers = new(Endpoint: stage.Functions.Url) });
        var app = await App.Start(server, pool: $$$"""
            {"LambdaConfig": {"KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/x", "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": "{{{stage.Functions.Returns("send-keyless")}}}"}}, "AutoVerifiedAttributes": ["email"]}
            """);
        var refused = await SignUp(app, "ana");
        Assert.Equal(("UnexpectedLambdaException", "CustomEmailSender invocation failed due to error no key is set to seal the code with (Triggers:SenderKey)."), (refused.Error, refused.Message));
        Assert.Equal("UserNotFoundException", (await app.Admin.Try("AdminGetUser", new() { ["UserPoolId"] = app.PoolId, ["Username"] = "ana" })).Error);
        Assert.Contains(server.Log, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("Triggers:SenderKey", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_mail_sends_through_a_function()
    {
        await using var server = await PoolhouseTestServer.Start(serve: true, settings: settings => settings with
        {
            Outbound = new("127.0.0.0/8, ::1/128"), Triggers = new(Endpoint: stage.Functions.Url, SenderKey: SenderKey),
        });
        var app = await App.Start(server, pool: $$$"""
            {"LambdaConfig": {"KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/x", "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": "{{{stage.Functions.Returns("send-serve")}}}"}}, "AutoVerifiedAttributes": ["email"]}
            """);
        Assert.Equal(200, (await SignUp(app, "ana")).Status);
        Assert.Equal(6, Open((string)(await stage.Functions.Wait("send-serve")).Request["code"]!).Length);
        var silent = await App.Start(server, pool: """{"AutoVerifiedAttributes": ["email"]}""");
        Assert.Equal("CodeDeliveryFailureException", (await SignUp(silent, "ana")).Error);
    }

    Task<App> Wording(string function, string response) => stage.App($"\"CustomMessage\": \"{stage.Functions.Returns(function, response)}\"", Verifying);

    Task<App> Sending(string function, string trigger, string more) =>
        stage.App($"{Kms}, \"{trigger}\": {{\"LambdaVersion\": \"V1_0\", \"LambdaArn\": \"{stage.Functions.Returns(function)}\"}} {more}", Verifying);

    async Task<OutgoingMessage> Last(App app, string username) => (await Inbox(app, username))[0];

    async Task<List<OutgoingMessage>> Inbox(App app, string username) =>
        [.. (await stage.Server.Service<MessageStore>().Latest(50, default)).Select(sent => sent.Message!).Where(message => message.Pool == app.PoolId && message.Username == username)];

    static async Task Eventually(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            if (i > 1000) throw new TimeoutException("It never held");
            await Task.Delay(20);
        }
    }

    // As a function opens it (RFC 7516 §5.2), sharing nothing with the server's own code.
    static string Open(string jwe)
    {
        var parts = jwe.Split('.');
        Assert.Equal("""{"alg":"dir","enc":"A256GCM"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        Assert.Equal("", parts[1]);
        var sealedText = Base64Url.DecodeFromChars(parts[3]);
        var clear = new byte[sealedText.Length];
        using var gcm = new AesGcm(Convert.FromBase64String(SenderKey), 16);
        gcm.Decrypt(Base64Url.DecodeFromChars(parts[2]), sealedText, Base64Url.DecodeFromChars(parts[4]), clear, Encoding.ASCII.GetBytes(parts[0]));
        return Encoding.UTF8.GetString(clear);
    }
}
