using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>What belongs to a pool beside its settings: tags, and the certificate of its key.</summary>
public class TagTests
{
    [Fact]
    public async Task Tags_are_added_replaced_and_taken_away_and_other_settings_stay()
    {
        await using var api = await JsonApi.Start();
        var (id, arn) = await Pool(api, """, "DeletionProtection": "ACTIVE" """);
        Assert.Equal("{}", await Tags(api, arn));
        Assert.Equal("{}", (await api.Call("TagResource", $$"""{"ResourceArn": "{{arn}}", "Tags": {"team": "swim", "cost": ""} }""")).ToJsonString());
        await api.Call("TagResource", $$"""{"ResourceArn": "{{arn}}", "Tags": {"team": "dive"} }""");
        Assert.Equal("""{"team":"dive","cost":""}""", await Tags(api, arn));
        Assert.Equal("{}", (await api.Call("UntagResource", $$"""{"ResourceArn": "{{arn}}", "TagKeys": ["team", "none"]}""")).ToJsonString());
        Assert.Equal("""{"cost":""}""", await Tags(api, arn));
        await api.Call("UntagResource", $$"""{"ResourceArn": "{{arn}}", "TagKeys": ["cost"]}""");
        var pool = (await api.Call("DescribeUserPool", $$"""{"UserPoolId": "{{id}}"}"""))["UserPool"]!;
        Assert.Equal((null, "ACTIVE"), (pool["UserPoolTags"], (string)pool["DeletionProtection"]!));
    }

    [Fact]
    public async Task A_tag_of_our_own_is_a_switch_that_works_at_once_and_an_unknown_one_is_refused()
    {
        await using var server = await PoolhouseTestServer.Start();
        var (app, token) = await AttributeTests.Ana(server, "{}");
        var arn = $"arn:aws:cognito-idp:us-east-1:{UserPool.Account}:userpool/{app.PoolId}";
        var wrong = await app.Admin.Try("TagResource", App.Object($$"""{"ResourceArn": "{{arn}}", "Tags": {"poolhouse:Nosrp": "true"} }"""));
        Assert.Equal(("InvalidParameterException", "The tag poolhouse:Nosrp=true is no option of this server."), ErrorLists.Refused("TagResource", wrong));
        await app.Admin.Call("TagResource", App.Object($$"""{"ResourceArn": "{{arn}}", "Tags": {"poolhouse:RevokeOnPasswordChange": "true"} }"""));
        await app.ChangePassword((string)token!, "Passw0rd-1", "Other-1234");
        Assert.Equal("Access Token has been revoked", (await app.GetUser((string)token!)).Message);

        await app.Admin.Call("UntagResource", App.Object($$"""{"ResourceArn": "{{arn}}", "TagKeys": ["poolhouse:RevokeOnPasswordChange"]}"""));
        var again = (await app.SignIn("ana", "Other-1234"))["AccessToken"];
        await app.ChangePassword((string)again!, "Other-1234", "Third-1234");
        Assert.Equal(200, (await app.GetUser((string)again!)).Status);
    }

    [Theory]
    [InlineData("TagResource", ", \"Tags\": {}")]
    [InlineData("UntagResource", ", \"TagKeys\": []")]
    [InlineData("ListTagsForResource", "")]
    public async Task Only_a_whole_ARN_names_a_pool_and_a_key_reaches_its_own_pools_by_it(string operation, string more)
    {
        await using var api = await JsonApi.Start();
        var (id, arn) = await Pool(api);
        var (_, other) = await Pool(api);
        foreach (var wrong in (string[])[arn.Replace("us-east-1:", "eu-west-1:", StringComparison.Ordinal), arn.Replace("userpool/", "other/", StringComparison.Ordinal), arn + "x", $"arn:aws:cognito-idp:us-east-1:1:{id}"])
            Assert.Equal("ResourceNotFoundException", (await api.Refused(operation, $$"""{"ResourceArn": "{{wrong}}"{{more}}}""")).Type);
        Assert.Equal("InvalidParameterException", (await api.Refused(operation, $$"""{"ResourceArn": "us-east-1_123456789abc"{{more}}}""")).Type);

        await api.Become(new AccessPolicy(["*"], [id]));
        await api.Call(operation, $$"""{"ResourceArn": "{{arn}}"{{more}}}""");
        Assert.Equal("AccessDeniedException", (await api.Refused(operation, $$"""{"ResourceArn": "{{other}}"{{more}}}""")).Type);
    }

    [Fact]
    public async Task The_certificate_is_over_the_key_that_signs_ID_tokens_for_ten_years_and_the_same_after_a_restart()
    {
        await using var first = await PoolhouseTestServer.Start();
        var (app, _) = await AttributeTests.Ana(first, "{}");
        var body = App.Object($$"""{"UserPoolId": "{{app.PoolId}}"}""");
        var text = (string)(await app.Admin.Call("GetSigningCertificate", App.Object(body.ToJsonString())))["Certificate"]!;
        var idToken = ((string)(await app.SignIn("ana"))["IdToken"]!).Split('.');

        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text));
        Assert.Equal(($"CN={app.PoolId}", $"CN={app.PoolId}"), (certificate.Subject, certificate.Issuer));
        Assert.Equal(certificate.NotBefore.AddYears(10), certificate.NotAfter);
        Assert.InRange(certificate.NotBefore.ToUniversalTime(), first.Now.UtcDateTime.AddMinutes(-10), first.Now.UtcDateTime);
        using var key = certificate.GetRSAPublicKey()!;
        Assert.True(key.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{idToken[0]}.{idToken[1]}"),
            System.Buffers.Text.Base64Url.DecodeFromChars(idToken[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificate }, RevocationMode = X509RevocationMode.NoCheck } };
        Assert.True(chain.Build(certificate), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));

        await first.Stop();
        await using var second = await PoolhouseTestServer.Start(data: first.Data);
        Assert.Equal(text, (string)(await new Admin(second).Call("GetSigningCertificate", App.Object(body.ToJsonString())))["Certificate"]!);
        var gone = await new Admin(second).Try("GetSigningCertificate", App.Object("""{"UserPoolId": "us-east-1_nobody"}"""));
        Assert.Equal(("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."), ErrorLists.Refused("GetSigningCertificate", gone));
    }

    static async Task<(string Id, string Arn)> Pool(JsonApi api, string settings = "")
    {
        var id = await api.Pool(settings);
        return (id, $"arn:aws:cognito-idp:us-east-1:{UserPool.Account}:userpool/{id}");
    }

    static async Task<string> Tags(JsonApi api, string arn) =>
        (await api.Call("ListTagsForResource", $$"""{"ResourceArn": "{{arn}}"}"""))["Tags"]!.ToJsonString();
}
