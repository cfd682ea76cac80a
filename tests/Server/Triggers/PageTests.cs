using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>Functions as people at the hosted pages meet them.</summary>
public sealed class PageTests : IAsyncLifetime
{
    Functions functions = null!;
    PoolhouseTestServer server = null!;
    App app = null!;

    [Fact]
    public async Task What_a_function_says_against_a_sign_up_stands_above_the_form()
    {
        await Trigger("PreSignUp", functions.Throws("page-throws", "<b>Members</b> only"));
        var page = await SignUp();
        Assert.Equal(400, page.Status);
        Assert.Contains("PreSignUp failed with error &lt;b&gt;Members&lt;/b&gt; only.", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_a_function_could_not_be_asked_is_not_for_the_person()
    {
        await Trigger("PreSignUp", Functions.Arn("page-lost"));
        var page = await SignUp();
        Assert.Equal(503, page.Status);
        Assert.Contains("did not answer", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("invocation", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whom_a_function_confirms_at_once_goes_straight_to_the_app()
    {
        await Trigger("PreSignUp", functions.Returns("page-confirm", """{"autoConfirmUser":true}"""));
        var page = await SignUp();
        Assert.Equal(303, page.Status);
        Assert.StartsWith("http://localhost:3000/callback?code=", page.Location!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_is_out_of_order_does_not_tell_who_has_an_account()
    {
        await app.User("ana");
        await Trigger("CustomMessage", Functions.Arn("page-nowhere"));
        var (known, unknown) = (await Forgot("ana"), await Forgot("nobody"));
        Assert.Equal((303, known.Location), (unknown.Status, unknown.Location));
        Assert.Equal(303, known.Status);
    }

    public async ValueTask InitializeAsync()
    {
        functions = await Functions.Start();
        server = await PoolhouseTestServer.Start(settings: settings => settings with { Triggers = new(functions.Url) });
        app = await App.Start(server, """
            {"AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"], "CallbackURLs": ["http://localhost:3000/callback"]}
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await functions.DisposeAsync();
    }

    Task Trigger(string name, string arn) => app.Admin.Call("UpdateUserPool", new() { ["UserPoolId"] = app.PoolId, ["LambdaConfig"] = new JsonObject { [name] = arn } });

    async Task<Page> SignUp()
    {
        var visitor = new Visitor(server);
        return await visitor.Submit(await visitor.Open(Login.SeededServer.Link("/signup", app.ClientId, ("scope", "openid"))), "password", [("username", "ana"), ("password", "Passw0rd-1")]);
    }

    async Task<Page> Forgot(string username)
    {
        var visitor = new Visitor(server);
        return await visitor.Submit(await visitor.Open(Login.SeededServer.Link("/forgotPassword", app.ClientId, ("scope", "openid"))), "username", [("username", username)]);
    }
}
