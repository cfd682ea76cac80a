using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class DomainAndScopeTests
{
    [Fact]
    public async Task A_prefix_belongs_to_one_pool_of_the_server_and_a_pool_has_one()
    {
        await using var api = await JsonApi.Start();
        var (one, two) = (await api.Pool(), await api.Pool());
        var made = await api.Call("CreateUserPoolDomain", $$"""{"UserPoolId": "{{one}}", "Domain": "people"}""");
        Assert.Equal("""{"ManagedLoginVersion":1}""", made.ToJsonString());
        Assert.Equal("InvalidParameterException", (await api.Refused("CreateUserPoolDomain", $$"""{"UserPoolId": "{{two}}", "Domain": "people"}""")).Type);
        Assert.Equal("InvalidParameterException", (await api.Refused("CreateUserPoolDomain", $$"""{"UserPoolId": "{{one}}", "Domain": "others"}""")).Type);

        var shown = (await api.Call("DescribeUserPoolDomain", """{"Domain": "people"}"""))["DomainDescription"]!;
        PoolTests.Holds(shown, $$"""{"Domain": "people", "UserPoolId": "{{one}}", "Status": "ACTIVE", "ManagedLoginVersion": 1}""");
        Assert.Equal("people", (await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{one}}"}"""))["UserPool"]!["Domain"]!.GetValue<string>());

        await api.Call("UpdateUserPoolDomain", $$"""{"UserPoolId": "{{one}}", "Domain": "people", "ManagedLoginVersion": 2}""");
        Assert.Equal(2, (await api.Call("DescribeUserPoolDomain", """{"Domain": "people"}"""))["DomainDescription"]!["ManagedLoginVersion"]!.GetValue<int>());
        Assert.Equal("ResourceNotFoundException", (await api.Refused("DeleteUserPoolDomain", $$"""{"UserPoolId": "{{two}}", "Domain": "people"}""")).Type);
        Assert.Equal("{}", (await api.Call("DeleteUserPoolDomain", $$"""{"UserPoolId": "{{one}}", "Domain": "people"}""")).ToJsonString());
        Assert.Equal("""{"DomainDescription":{}}""", (await api.Call("DescribeUserPoolDomain", """{"Domain": "people"}""")).ToJsonString());
    }

    [Theory]
    [InlineData("my-aws-pool")]
    [InlineData("amazonia")]
    [InlineData("mycognito")]
    [InlineData("-people")]
    [InlineData("People")]
    [InlineData("peo.ple")]
    public async Task A_prefix_is_one_plain_label_without_reserved_words(string domain)
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        Assert.Equal("InvalidParameterException", (await api.Refused("CreateUserPoolDomain", $$"""{"UserPoolId": "{{pool}}", "Domain": "{{domain}}"}""")).Type);
    }

    [Fact]
    public async Task A_custom_domain_has_dots_and_a_certificate()
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        const string Certificate = """ "CustomDomainConfig": {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/abc"} """;
        var made = await api.Call("CreateUserPoolDomain", $$"""{"UserPoolId": "{{pool}}", "Domain": "auth.example.com", {{Certificate}}}""");
        Assert.Equal("auth.example.com", made["CloudFrontDomain"]!.GetValue<string>());
        Assert.Equal("auth.example.com", (await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{pool}}"}"""))["UserPool"]!["CustomDomain"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_resource_server_is_made_shown_replaced_listed_and_deleted()
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        const string Scopes = """ "Scopes": [{"ScopeName": "read", "ScopeDescription": "Read"}] """;
        var made = await api.Call("CreateResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "https://api", "Name": "The API", {{Scopes}}}""");
        var again = await api.Refused("CreateResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "https://api", "Name": "The API"}""");
        Assert.Equal(("InvalidParameterException", $"https://api already exists in user pool {pool}."), (again.Type, again.Text));
        Assert.Equal(made.ToJsonString(), (await api.Call("DescribeResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "https://api"}""")).ToJsonString());

        await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "c", "AllowedOAuthScopes": ["https://api/read"]}""");
        await api.Call("UpdateResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "https://api", "Name": "Renamed"}""");
        var listed = (await api.Call("ListResourceServers", $$"""{"UserPoolId": "{{pool}}"}"""))["ResourceServers"]!.AsArray();
        PoolTests.Holds(Assert.Single(listed), """{"Name": "Renamed", "Scopes": []}""");
        Assert.Equal("ScopeDoesNotExistException",
            (await api.Refused("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "c", "AllowedOAuthScopes": ["https://api/read"]}""")).Type);

        await api.Call("DeleteResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "https://api"}""");
        Assert.Equal("ResourceNotFoundException", (await api.Refused("DeleteResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "https://api"}""")).Type);
    }

    [Fact]
    public async Task The_reserved_identifier_is_nobodys_and_its_scopes_are_for_confidential_clients()
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        Assert.Equal("InvalidParameterException", (await api.Refused("CreateResourceServer", $$"""{"UserPoolId": "{{pool}}", "Identifier": "poolhouse", "Name": "x"}""")).Type);
        await api.Call("CreateUserPoolClient", $$"""{"UserPoolId": "{{pool}}", "ClientName": "guard", "GenerateSecret": true, "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["poolhouse/revocations.read"], "AllowedOAuthFlowsUserPoolClient": true}""");
        Assert.Empty((await api.Call("ListResourceServers", $$"""{"UserPoolId": "{{pool}}"}"""))["ResourceServers"]!.AsArray());
    }
}
