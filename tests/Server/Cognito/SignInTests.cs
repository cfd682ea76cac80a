using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class SignInTests
{
    [Fact]
    public async Task A_password_yields_three_tokens_and_the_shape_that_clients_know()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");

        var reply = await app.TrySignIn("ana");
        Assert.Equal(["ChallengeParameters", "AuthenticationResult"], reply.Body.Select(member => member.Key));
        Assert.Empty(reply.Body["ChallengeParameters"]!.AsObject());
        var result = reply.Body["AuthenticationResult"]!.AsObject();
        Assert.Equal(["AccessToken", "ExpiresIn", "IdToken", "RefreshToken", "TokenType"], result.Select(member => member.Key).Order());
        Assert.Equal((3600, "Bearer"), ((int)result["ExpiresIn"]!, (string)result["TokenType"]!));
        Assert.Equal("aws.cognito.signin.user.admin", (string)App.Claims(result["AccessToken"])["scope"]!);
    }

    [Theory]
    [InlineData("ADMIN_USER_PASSWORD_AUTH")]
    [InlineData("ADMIN_NO_SRP_AUTH")]
    [InlineData("USER_PASSWORD_AUTH")]
    public async Task A_backend_signs_users_in_under_each_name_of_the_password_flow(string flow)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        var reply = await app.Admin.Call("AdminInitiateAuth", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "ClientId": "{{app.ClientId}}", "AuthFlow": "{{flow}}", "AuthParameters": {"USERNAME": "ana", "PASSWORD": "Passw0rd-1"} }
            """));
        var again = await app.Admin.Call("AdminInitiateAuth", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "ClientId": "{{app.ClientId}}", "AuthFlow": "REFRESH_TOKEN", "AuthParameters": {"REFRESH_TOKEN": "{{reply["AuthenticationResult"]!["RefreshToken"]}}"} }
            """));
        Assert.NotNull(again["AuthenticationResult"]!["AccessToken"]);
    }

    [Theory]
    [InlineData("USER_PASSWORD_AUTH", "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client")]
    [InlineData("USER_SRP_AUTH", "InvalidParameterException", "USER_SRP_AUTH is not enabled for the client.")]
    [InlineData("REFRESH_TOKEN_AUTH", "InvalidParameterException", "REFRESH_TOKEN_AUTH flow not enabled for this client")]
    [InlineData("ADMIN_USER_PASSWORD_AUTH", "InvalidParameterException", "Initiate Auth method not supported")]
    [InlineData("ADMIN_NO_SRP_AUTH", "InvalidParameterException", "Initiate Auth method not supported")]
    [InlineData("CUSTOM_AUTH", "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")]
    public async Task A_flow_that_a_client_has_not_enabled_is_refused_in_the_services_words(string flow, string type, string message)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]}""");
        var reply = await app.Flow(flow, ("USERNAME", "ana"), ("PASSWORD", "x"), ("REFRESH_TOKEN", "x"));
        Assert.Equal((400, type, message), (reply.Status, reply.Error, reply.Message));
    }

    [Fact]
    public async Task A_backends_flow_that_is_not_enabled_and_a_flow_that_does_not_exist_are_refused()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, App.Rotating);
        var admin = await app.Admin.Try("AdminInitiateAuth", App.Object($$"""
            {"UserPoolId": "{{app.PoolId}}", "ClientId": "{{app.ClientId}}", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ana", "PASSWORD": "x"} }
            """));
        Assert.Equal(("InvalidParameterException", "Auth flow not enabled for this client"), (admin.Error, admin.Message));
        var none = await app.Flow("SOME_AUTH");
        Assert.Equal("InvalidParameterException", none.Error);
        Assert.StartsWith("1 validation error detected: Value 'SOME_AUTH' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: [", none.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("USER_PASSWORD_AUTH", """{"PASSWORD": "x"}""", "Missing required parameter USERNAME")]
    [InlineData("USER_PASSWORD_AUTH", """{"USERNAME": "ana"}""", "Missing required parameter PASSWORD")]
    [InlineData("USER_PASSWORD_AUTH", """{"USERNAME": "", "PASSWORD": "x"}""", "Missing required parameter USERNAME")]
    [InlineData("REFRESH_TOKEN_AUTH", """{}""", "Missing required parameter REFRESH_TOKEN")]
    [InlineData("USER_PASSWORD_AUTH", """{"USERNAME": "a\u0000b", "PASSWORD": "x"}""",
        "1 validation error detected: Value at 'authParameters.USERNAME' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+")]
    public async Task A_parameter_that_is_missing_or_malformed_is_named(string flow, string parameters, string message)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        var reply = await app.Try("InitiateAuth", $$"""{"AuthFlow": "{{flow}}", "AuthParameters": {{parameters}}}""");
        Assert.Equal(("InvalidParameterException", message), (reply.Error, reply.Message));
    }

    [Fact]
    public async Task A_client_with_a_secret_proves_itself_by_a_hash_over_the_name_that_it_sends()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"GenerateSecret": true, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""", """{"AliasAttributes": ["email"]}""");
        await app.User("ana");

        Assert.Equal($"Client {app.ClientId} is configured with secret but SECRET_HASH was not received", (await app.TrySignIn("ana")).Message);
        Assert.Equal($"Unable to verify secret hash for client {app.ClientId}", (await app.TrySignIn("ana", hash: app.Hash("bob"))).Message);
        Assert.Equal(200, (await app.TrySignIn("ana", hash: app.Hash("ana"))).Status);
        Assert.Equal(200, (await app.TrySignIn("ana@example.com", hash: app.Hash("ana@example.com"))).Status);
        Assert.Equal("NotAuthorizedException", (await app.TrySignIn("ana@example.com", hash: app.Hash("ana"))).Error);
        var open = await App.Start(server, poolId: app.PoolId);
        Assert.Equal($"Unable to verify secret hash for client {open.ClientId}", (await open.TrySignIn("ana", hash: app.Hash("ana"))).Message);
    }

    [Fact]
    public async Task Who_does_not_exist_and_who_errs_get_the_same_bytes_where_a_client_hides_users()
    {
        await using var server = await PoolhouseTestServer.Start();
        var hiding = await App.Start(server, """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""");
        var telling = await App.Start(server, poolId: hiding.PoolId);
        await hiding.User("ana");

        var (wrong, unknown) = (await hiding.TrySignIn("ana", "Wrong-1234"), await hiding.TrySignIn("bob", "Wrong-1234"));
        Assert.Equal(("NotAuthorizedException", "Incorrect username or password."), (wrong.Error, wrong.Message));
        Assert.Equal(await wrong.Http.Content.ReadAsByteArrayAsync(), await unknown.Http.Content.ReadAsByteArrayAsync());
        Assert.Equal("Incorrect username or password.", (await telling.TrySignIn("ana", "Wrong-1234")).Message);
        var told = await telling.TrySignIn("bob", "Wrong-1234");
        Assert.Equal(("UserNotFoundException", "User does not exist."), (told.Error, told.Message));
    }

    [Fact]
    public async Task The_state_of_an_account_shows_to_nobody_without_its_password()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        await app.About("ana", "AdminDisableUser");
        await app.Try("SignUp", """{"Username": "new", "Password": "Passw0rd-1"}""");

        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("ana", "Wrong-1234")).Message);
        Assert.Equal("Incorrect username or password.", (await app.TrySignIn("new", "Wrong-1234")).Message);
        Assert.Equal("User is disabled.", (await app.TrySignIn("ana")).Message);
        var unconfirmed = await app.TrySignIn("new");
        Assert.Equal(("UserNotConfirmedException", "User is not confirmed."), (unconfirmed.Error, unconfirmed.Message));
    }

    [Fact]
    public async Task A_client_exists_in_its_own_pool_only()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, other) = (await App.Start(server), await App.Start(server));
        async Task<ApiReply> Initiate(string pool, string client) => await app.Admin.Try("AdminInitiateAuth", App.Object($$"""
            {"UserPoolId": "{{pool}}", "ClientId": "{{client}}", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ana", "PASSWORD": "x"} }
            """));
        Assert.Equal($"User pool client {app.ClientId} does not exist.", (await Initiate(other.PoolId, app.ClientId)).Message);
        Assert.Equal("User pool us-east-1_None does not exist.", (await Initiate("us-east-1_None", app.ClientId)).Message);
        var unknown = await app.Try("InitiateAuth", """{"ClientId": "nobody", "AuthFlow": "USER_PASSWORD_AUTH"}""");
        Assert.Equal(("ResourceNotFoundException", "User pool client nobody does not exist."), (unknown.Error, unknown.Message));
    }
}
