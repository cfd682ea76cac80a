using Poolhouse.Core.Clients;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class ClientTests
{
    [Fact]
    public async Task A_new_client_shows_its_defaults_and_a_secret_only_if_it_asked_for_one()
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        var open = (await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "web"}"""))["UserPoolClient"]!;
        var closed = (await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "api", "GenerateSecret": true}"""))["UserPoolClient"]!;

        PoolTests.Holds(open, """
            {"ClientName": "web", "RefreshTokenValidity": 30, "AuthSessionValidity": 3, "EnableTokenRevocation": true,
             "PreventUserExistenceErrors": "LEGACY", "EnablePropagateAdditionalUserContextData": false, "AllowedOAuthFlowsUserPoolClient": false}
            """);
        Assert.Matches("^[0-9a-z]{26}$", open["ClientId"]!.GetValue<string>());
        Assert.Null(open["ClientSecret"]);
        Assert.Null(open["AccessTokenValidity"]);
        Assert.Null(open["ReadAttributes"]);
        Assert.Matches("^[0-9a-z]{51}$", closed["ClientSecret"]!.GetValue<string>());
        var described = (await api.Call("DescribeUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientId": "{{closed["ClientId"]}}"}"""))["UserPoolClient"]!;
        Assert.Equal(closed.ToJsonString(), described.ToJsonString());
    }

    [Fact]
    public async Task An_update_replaces_all_settings_and_keeps_the_secret()
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        const string Settings = """
            "AccessTokenValidity": 10, "IdTokenValidity": 20, "RefreshTokenValidity": 90, "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
            "ReadAttributes": ["email", "name"], "WriteAttributes": ["email"], "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "SupportedIdentityProviders": ["COGNITO"],
            "CallbackURLs": ["https://app.example/cb", "myapp://cb", "http://localhost:3000"], "LogoutURLs": ["https://app.example"], "DefaultRedirectURI": "myapp://cb",
            "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "email"], "AllowedOAuthFlowsUserPoolClient": true, "PreventUserExistenceErrors": "ENABLED",
            "EnableTokenRevocation": false, "AuthSessionValidity": 15, "RefreshTokenRotation": {"Feature": "ENABLED"}
            """;
        var made = (await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "web", "GenerateSecret": true, {{Settings}}}"""))["UserPoolClient"]!;
        PoolTests.Holds(made, $$"""{{{Settings.Replace("\"Feature\": \"ENABLED\"", "\"Feature\": \"ENABLED\", \"RetryGracePeriodSeconds\": 10", StringComparison.Ordinal)}}}""");

        var updated = (await api.Call("UpdateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientId": "{{made["ClientId"]}}", "ClientName": "renamed"}"""))["UserPoolClient"]!;
        PoolTests.Holds(updated, """{"ClientName": "renamed", "RefreshTokenValidity": 30, "EnableTokenRevocation": true, "AuthSessionValidity": 3}""");
        Assert.Equal(made["ClientSecret"]!.GetValue<string>(), updated["ClientSecret"]!.GetValue<string>());
        Assert.Null(updated["CallbackURLs"]);
        Assert.Null(updated["AccessTokenValidity"]);
    }

    [Theory]
    [InlineData("InvalidParameterException", """ "AccessTokenValidity": 4, "TokenValidityUnits": {"AccessToken": "minutes"} """)]
    [InlineData("InvalidParameterException", """ "AccessTokenValidity": 2, "TokenValidityUnits": {"AccessToken": "days"} """)]
    [InlineData("InvalidParameterException", """ "IdTokenValidity": 25 """)]
    [InlineData("InvalidParameterException", """ "RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"} """)]
    [InlineData("InvalidParameterException", """ "RefreshTokenValidity": 315360000 """)]
    [InlineData("InvalidParameterException", """ "RefreshTokenValidity": 315360000, "TokenValidityUnits": {"RefreshToken": "hours"} """)]
    [InlineData("InvalidParameterException", """ "AccessTokenValidity": 10, "RefreshTokenValidity": 2, "TokenValidityUnits": {"RefreshToken": "hours"} """)]
    [InlineData("InvalidParameterException", """ "RefreshTokenRotation": {"Feature": "ENABLED"}, "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"] """)]
    [InlineData("InvalidParameterException", """ "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 61} """)]
    [InlineData("InvalidParameterException", """ "RefreshTokenRotation": {} """)]
    [InlineData("InvalidParameterException", """ "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"] """)]
    [InlineData("InvalidParameterException", """ "ReadAttributes": ["custom:none"] """)]
    [InlineData("InvalidParameterException", """ "WriteAttributes": ["email_verified"] """)]
    [InlineData("InvalidParameterException", """ "SupportedIdentityProviders": ["Google"] """)]
    [InlineData("InvalidParameterException", """ "AllowedOAuthFlowsUserPoolClient": true """)]
    [InlineData("InvalidParameterException", """ "DefaultRedirectURI": "https://app.example" """)]
    [InlineData("InvalidParameterException", """ "GenerateSecret": true, "ClientSecret": "abcdefghijklmnopqrstuvwxyz" """)]
    [InlineData("InvalidOAuthFlowException", """ "GenerateSecret": true, "AllowedOAuthFlows": ["code", "client_credentials"] """)]
    [InlineData("InvalidOAuthFlowException", """ "AllowedOAuthFlows": ["client_credentials"] """)]
    [InlineData("ScopeDoesNotExistException", """ "AllowedOAuthScopes": ["openid", "https://api/read"] """)]
    [InlineData("ScopeDoesNotExistException", """ "AllowedOAuthScopes": ["poolhouse/introspect"] """)]
    public async Task Settings_that_cannot_be_are_refused(string type, string settings)
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        Assert.Equal(type, (await api.Refused("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "c", {{settings}}}""")).Type);
    }

    [Theory]
    [InlineData("http://app.example/cb")]
    [InlineData("https://app.example/#fragment")]
    [InlineData("https://user@app.example/")]
    [InlineData("https:app.example")]
    [InlineData("/relative")]
    [InlineData("//app.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("https:\\\\app.example")]
    [InlineData("http://localhost.evil.test/")]
    public async Task A_redirect_URL_that_a_browser_could_be_misled_by_is_refused(string url)
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        var json = System.Text.Json.JsonEncodedText.Encode(url).ToString();
        foreach (var member in (string[])["CallbackURLs", "LogoutURLs"])
            Assert.Equal("InvalidParameterException", (await api.Refused("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "c", "{{member}}": ["{{json}}"]}""")).Type);
    }

    [Fact]
    public async Task Lifted_bounds_let_an_expiry_be_watched()
    {
        await using var api = await JsonApi.Start(bounds: new LifetimeBounds(Lifted: true));
        var pool = await api.Pool();
        await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "c", "AccessTokenValidity": 5, "IdTokenValidity": 5, "RefreshTokenValidity": 30, "TokenValidityUnits": {"AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "seconds"} }""");
    }

    [Fact]
    public async Task A_client_is_found_and_deleted_in_its_own_pool_only()
    {
        await using var api = await JsonApi.Start();
        var (mine, other) = (await api.Pool(), await api.Pool());
        var id = (await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{mine}}", "ClientName": "c"}"""))["UserPoolClient"]!["ClientId"]!.GetValue<string>();
        var foreign = await api.Refused("DescribeUserPoolClient", $$"""{"UserPoolId": "{{other}}", "ClientId": "{{id}}"}""");
        Assert.Equal(("ResourceNotFoundException", $"User pool client {id} does not exist."), (foreign.Type, foreign.Text));
        Assert.Equal("ResourceNotFoundException", (await api.Refused("DeleteUserPoolClient", $$"""{"UserPoolId": "{{other}}", "ClientId": "{{id}}"}""")).Type);

        Assert.Single((await api.Call("ListUserPoolClients", $$"""{"UserPoolId": "{{mine}}"}"""))["UserPoolClients"]!.AsArray());
        await api.Call("DeleteUserPoolClient", $$"""{"UserPoolId": "{{mine}}", "ClientId": "{{id}}"}""");
        Assert.Empty((await api.Call("ListUserPoolClients", $$"""{"UserPoolId": "{{mine}}"}"""))["UserPoolClients"]!.AsArray());
        Assert.Equal("ResourceNotFoundException", (await api.Refused("DeleteUserPoolClient", $$"""{"UserPoolId": "{{mine}}", "ClientId": "{{id}}"}""")).Type);
    }
}
