using Poolhouse.Core.Keys;
using Poolhouse.Server.Cognito;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class SignatureTests
{
    const string Body = """{"UserPoolId": "us-east-1_Nobody"}""";

    public static TheoryData<string> SignedOperations() =>
        [.. Operations.Table.Values.Where(operation => operation.Access == Access.Iam).Select(operation => operation.Name)];

    [Theory, MemberData(nameof(SignedOperations))]
    public async Task An_administrators_operation_refuses_who_has_no_key_or_a_wrong_one_or_a_foreign_scope(string operation)
    {
        await using var api = await JsonApi.Start();
        Assert.Equal("MissingAuthenticationTokenException", await TypeOf(api, api.Request(operation, Body)));
        Assert.Equal("InvalidSignatureException", await TypeOf(api, api.Signed(operation, Body, service: "s3")));
        await api.Become(AccessPolicy.Everything, stored: false);
        Assert.Equal("UnrecognizedClientException", await TypeOf(api, api.Signed(operation, Body)));
    }

    [Fact]
    public async Task A_signature_covers_the_body_the_target_and_five_minutes()
    {
        await using var api = await JsonApi.Start();
        Assert.Equal("ResourceNotFoundException", await TypeOf(api, api.Signed("DescribeUserPool", Body)));

        var changed = api.Signed("DescribeUserPool", Body);
        changed.Content = api.Request("DescribeUserPool", Body.Replace("Nobody", "Sombody", StringComparison.Ordinal)).Content;
        Assert.Equal("InvalidSignatureException", await TypeOf(api, changed));

        Assert.Equal("InvalidSignatureException", await TypeOf(api, api.Signed("DescribeUserPool", Body, "content-type;host;x-amz-date")));

        var swapped = api.Signed("DescribeUserPool", Body);
        swapped.Headers.Remove("X-Amz-Target");
        swapped.Headers.Add("X-Amz-Target", "AWSCognitoIdentityProviderService.DeleteUserPool");
        Assert.Equal("InvalidSignatureException", await TypeOf(api, swapped));

        var late = api.Signed("DescribeUserPool", Body);
        api.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("InvalidSignatureException", await TypeOf(api, late));
    }

    [Fact]
    public async Task A_key_may_do_what_its_policy_lists_on_the_pools_that_it_lists_and_nothing_else()
    {
        await using var api = await JsonApi.Start();
        var (mine, other) = (await api.Pool(), await api.Pool());
        await api.Become(new AccessPolicy(["Describe*", "UpdateUserPool"], [mine]));

        await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{mine}}"}""");
        await api.Call("UpdateUserPool", $$"""{"UserPoolId": "{{mine}}"}""");
        Assert.Equal("AccessDeniedException", (await api.Refused("DescribeUserPool", $$"""{"UserPoolId": "{{other}}"}""")).Type);
        Assert.Equal("AccessDeniedException", (await api.Refused("DeleteUserPool", $$"""{"UserPoolId": "{{mine}}"}""")).Type);
        Assert.Equal("AccessDeniedException", (await api.Refused("DescribeUserPoolDomain", """{"Domain": "any"}""")).Type);
        Assert.Equal("AccessDeniedException", (await api.Refused("ListUserPools", """{"MaxResults": 1}""")).Type);
    }

    [Fact]
    public async Task A_deleted_key_ends_at_once()
    {
        await using var api = await JsonApi.Start();
        await api.Pool();
        Assert.True(await api.Service<Storage.AccessKeyStore>().Delete(api.Key.Id));
        Assert.Equal("UnrecognizedClientException", (await api.Refused("ListUserPools", """{"MaxResults": 1}""")).Type);
    }

    [Fact]
    public async Task The_emulator_takes_any_well_formed_signature_and_nothing_less()
    {
        await using var api = await JsonApi.Start(emulator: true);
        await api.Become(AccessPolicy.Everything, stored: false);
        await api.Pool();
        Assert.Equal("MissingAuthenticationTokenException", await TypeOf(api, api.Request("ListUserPools", """{"MaxResults": 1}""")));
        var malformed = api.Request("ListUserPools", """{"MaxResults": 1}""");
        malformed.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 anything");
        Assert.Equal("IncompleteSignatureException", await TypeOf(api, malformed));
    }

    [Fact]
    public async Task Only_the_listed_regions_are_accepted()
    {
        await using var api = await JsonApi.Start(regions: ["eu-central-1"]);
        Assert.Equal("InvalidSignatureException", (await api.Refused("ListUserPools", """{"MaxResults": 1}""")).Type);
        api.Region = "eu-central-1";
        Assert.StartsWith("eu-central-1_", await api.Pool(), StringComparison.Ordinal);
    }

    static async Task<string> TypeOf(JsonApi api, HttpRequestMessage request) =>
        (await Assert.ThrowsAsync<ApiException>(async () => await JsonApi.Result(await api.Http.SendAsync(request)))).Type;
}
