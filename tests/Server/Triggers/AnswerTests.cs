using System.Net;
using System.Net.Sockets;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Actors.TriggerStage;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>What becomes of what a function answers, or does not: nothing that it fails to say is taken for a yes (trap E 84).</summary>
public class AnswerTests(TriggerStage stage) : IClassFixture<TriggerStage>
{
    const string Unrecognizable = "Unrecognizable lambda output";

    [Fact]
    public async Task A_function_that_throws_refuses_and_says_why()
    {
        var refused = await Refused("throws", _ => new("""{"errorType":"Error","errorMessage":"Denied","trace":[]}""", FunctionError: "Unhandled"));
        Assert.Equal(("UserLambdaValidationException", "PreSignUp failed with error Denied."), refused);
        // What it says may name people: it is for the caller, not for the log.
        Assert.Contains(stage.Server.Log, line => line.Contains("PreSignUp_SignUp", StringComparison.Ordinal) && line.Contains("Thrown", StringComparison.Ordinal));
        Assert.DoesNotContain(stage.Server.Log, line => line.Contains("Denied", StringComparison.Ordinal) || line.Contains("@example.com", StringComparison.Ordinal));
    }

    [Theory]
    // The runtime interface emulator: the error is a plain answer, a timeout a sentence, a dead process nothing at all.
    [InlineData("rie-throws", """{"errorType":"Error","errorMessage":"Denied","trace":["Error: Denied"]}""", "text/plain", "UserLambdaValidationException", "PreSignUp failed with error Denied.")]
    [InlineData("rie-timeout", "Task timed out after 3.00 seconds", "text/plain", "UnexpectedLambdaException", "PreSignUp invocation failed due to error the function timed out.")]
    [InlineData("rie-dead", "", "text/plain", "InvalidLambdaResponseException", Unrecognizable)]
    public async Task The_runtime_interface_emulator_is_understood(string name, string body, string type, string error, string message) =>
        Assert.Equal((error, message), await Refused(name, _ => new(body, ContentType: type)));

    [Theory]
    [InlineData("null", "null"), InlineData("text", "\"ok\""), InlineData("list", "[]"), InlineData("empty", "{}"), InlineData("html", "<html>"), InlineData("no-response", """{"version":"1"}""")]
    [InlineData("response-null", """{"response":null}"""), InlineData("response-text", """{"response":"yes"}"""), InlineData("double", """{"response":{},"response":{"autoConfirmUser":true}}""")]
    [InlineData("text-for-boolean", """{"response":{"autoConfirmUser":"true"}}"""), InlineData("number-for-boolean", """{"response":{"autoConfirmUser":1}}""")]
    [InlineData("object-for-boolean", """{"response":{"autoConfirmUser":{}}}"""), InlineData("cut-off", """{"response":{"autoConfirmUser":tr""")]
    public async Task What_is_no_answer_refuses(string name, string body)
    {
        Assert.Equal(("InvalidLambdaResponseException", Unrecognizable), await Refused("wrong-" + name, _ => new(body)));
        Assert.Single(stage.Functions.Calls("wrong-" + name));
    }

    [Fact]
    public async Task An_answer_of_more_than_a_megabyte_is_none()
    {
        Assert.Equal(("InvalidLambdaResponseException", Unrecognizable), await Refused("huge", call =>
            new($$"""{"response":{"autoConfirmUser":true},"filler":"{{new string('x', 1024 * 1024)}}"}""")));
        Assert.Equal(200, (await SignUp(await App("large", call => new($$"""{"response":{},"filler":"{{new string('x', 900_000)}}"}""")), "ana")).Status);
    }

    [Theory]
    [InlineData(500), InlineData(502), InlineData(504), InlineData(404), InlineData(400), InlineData(302), InlineData(204)]
    public async Task An_endpoint_that_says_no_is_not_asked_again(int status)
    {
        var name = $"status-{status}";
        Assert.Equal(("UnexpectedLambdaException", $"PreSignUp invocation failed due to error HTTP {status}."), await Refused(name, _ => new(status == 204 ? "" : "{}", status)));
        Assert.Single(stage.Functions.Calls(name));
        Assert.Empty(stage.Functions.Calls("elsewhere"));
    }

    [Fact]
    public async Task A_throttled_call_is_tried_three_times()
    {
        Assert.Equal(("UnexpectedLambdaException", "PreSignUp invocation failed due to error HTTP 429."), await Refused("throttled", _ => new("{}", 429)));
        Assert.Equal(3, stage.Functions.Calls("throttled").Count);
    }

    [Fact]
    public async Task A_function_that_answers_the_second_time_is_good_enough()
    {
        var app = await App("second", call => stage.Functions.Calls("second").Count == 1 ? new("{}", 429) : new(Functions.With(call, null)));
        Assert.Equal(200, (await SignUp(app, "ana")).Status);
    }

    [Fact]
    public async Task Nobody_is_waited_for_longer_than_three_times_five_seconds()
    {
        using var never = new CancellationTokenSource();
        stage.Functions.Deploy("silent", async _ =>
        {
            await Task.Delay(Timeout.Infinite, never.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return new("{}");
        });
        var app = await stage.App($"\"PreSignUp\": \"{Functions.Arn("silent")}\"");
        var started = TimeProvider.System.GetTimestamp();
        var refused = await SignUp(app, "ana");
        await never.CancelAsync();
        Assert.Equal(("UnexpectedLambdaException", "PreSignUp invocation failed due to error no answer within 5 s."), (refused.Error, refused.Message));
        Assert.Equal(3, stage.Functions.Calls("silent").Count);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(14.5), TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("whole", true), InlineData("alone", false)]
    public async Task A_plain_endpoint_answers_with_the_event_or_with_the_response_alone(string way, bool whole)
    {
        const string Yes = """{"autoConfirmUser":true}""";
        stage.Functions.Deploy("plain", call => new(whole ? Functions.With(call, Yes) : Yes));
        var app = await stage.App($"\"PreSignUp\": \"{Functions.Arn("plain")}\"");
        var before = stage.Functions.Calls("plain").Count;
        Assert.True((bool)(await SignUp(app, way)).Body["UserConfirmed"]!);
        var call = stage.Functions.Calls("plain")[before];
        Assert.Equal(("/plain", null, "PreSignUp_SignUp"), (call.Path, call.Kind, call.Source));
    }

    [Theory]
    [InlineData(403, """{"message":"Denied"}""", "UserLambdaValidationException", "PreSignUp failed with error Denied.")]
    [InlineData(500, """{"errorMessage":"Denied"}""", "UserLambdaValidationException", "PreSignUp failed with error Denied.")]
    [InlineData(500, "Internal Server Error", "UnexpectedLambdaException", "PreSignUp invocation failed due to error HTTP 500.")]
    [InlineData(307, "", "UnexpectedLambdaException", "PreSignUp invocation failed due to error HTTP 307.")]
    [InlineData(200, "", "InvalidLambdaResponseException", Unrecognizable)]
    [InlineData(200, """{"triggerSource":"PreSignUp_SignUp"}""", "InvalidLambdaResponseException", Unrecognizable)]
    // A page of something else, or an error in the emulator's manner, is not a function that has nothing to say.
    [InlineData(200, """{"ok":true}""", "InvalidLambdaResponseException", Unrecognizable)]
    [InlineData(200, """{"errorType":"Error","errorMessage":"Denied"}""", "InvalidLambdaResponseException", Unrecognizable)]
    public async Task A_plain_endpoint_refuses_by_its_status(int status, string body, string error, string message)
    {
        stage.Functions.Deploy("plain", _ => new(body, status));
        var refused = await SignUp(await stage.App($"\"PreSignUp\": \"{Functions.Arn("plain")}\""), "ana");
        Assert.Equal((error, message), (refused.Error, refused.Message));
    }

    [Fact]
    public async Task A_function_that_is_nowhere_fails_its_calls_and_not_the_pool()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Actors.App.Start(server, pool: $$$"""{"LambdaConfig": {"PreSignUp": "{{{Functions.Arn("lost")}}}"}}""");
        var refused = await SignUp(app, "ana");
        Assert.Equal("UnexpectedLambdaException", refused.Error);
        Assert.Contains("Triggers:Functions, Triggers:Endpoint", refused.Message, StringComparison.Ordinal);
        Assert.Single(server.Log, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(Functions.Arn("lost"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_a_function_out_of_order()
    {
        var port = FreePort();
        await using var server = await PoolhouseTestServer.Start(settings: settings => settings with { Triggers = new($"http://localhost:{port}") });
        var app = await Actors.App.Start(server, pool: $$$"""{"LambdaConfig": {"PreSignUp": "{{{Functions.Arn("x")}}}"}}""");
        Assert.Equal("PreSignUp invocation failed due to error no connection (ConnectionError).", (await SignUp(app, "ana")).Message);
    }

    [Theory]
    [InlineData(null, false), InlineData("10.0.0.0/8", false), InlineData("127.0.0.0/8, ::1/128", true)]
    public async Task In_production_a_private_address_is_called_only_where_the_operator_allows_it(string? allowed, bool called)
    {
        stage.Functions.Returns("private");
        await using var server = await PoolhouseTestServer.Start(serve: true, settings: settings => settings with { Outbound = new(allowed), Triggers = new(stage.Functions.Url) });
        var app = await Actors.App.Start(server, pool: $$$"""{"LambdaConfig": {"PreSignUp": "{{{Functions.Arn("private")}}}"}}""");
        var before = stage.Functions.Calls("private").Count;
        var reply = await SignUp(app, "ana");
        Assert.Equal(called ? 1 : 0, stage.Functions.Calls("private").Count - before);
        if (!called) Assert.Equal("PreSignUp invocation failed due to error the address is not one that may be called (Outbound:AllowPrivate).", reply.Message);
    }

    Task<App> App(string name, Func<Invocation, FunctionReply> function) => stage.App($"\"PreSignUp\": \"{stage.Functions.Deploy(name, function)}\"");

    async Task<(string?, string?)> Refused(string name, Func<Invocation, FunctionReply> function)
    {
        var app = await App(name, function);
        var reply = await SignUp(app, "ana");
        Assert.Equal(400, reply.Status);
        Assert.Equal("UserNotFoundException", (await app.Admin.Try("AdminGetUser", new() { ["UserPoolId"] = app.PoolId, ["Username"] = "ana" })).Error);
        return (reply.Error, reply.Message);
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
