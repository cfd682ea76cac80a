using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core;
using Poolhouse.Server.Http;
using Xunit;

namespace Poolhouse.Unit.Tests.Http;

public class SigV4Tests
{
    /// <summary>The example credentials of AWS's published test suite.</summary>
    static readonly Secret Secret = new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

    const string Scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";

    [Theory]
    [InlineData("GET", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "?Param2=value2&Param1=value1", "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("POST", "", "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void The_published_vectors_verify(string method, string query, string body, string signed, string signature)
    {
        List<KeyValuePair<string, string>> headers = [new("Host", "example.amazonaws.com"), new("X-Amz-Date", "20150830T123600Z")];
        if (body.Length > 0) headers.Add(new("Content-Type", "application/x-www-form-urlencoded"));
        var request = new SignedRequest(method, "/", query, headers, Encoding.UTF8.GetBytes(body));
        var claim = SigV4.Parse($"AWS4-HMAC-SHA256 Credential={Scope}, SignedHeaders={signed}, Signature={signature}");

        Assert.NotNull(claim);
        Assert.True(SigV4.Matches(claim, request, Secret));
        Assert.Null(SigV4.Unsigned(claim, request));
    }

    [Fact]
    public void Header_values_are_trimmed_and_their_spaces_collapsed()
    {
        var request = new SignedRequest("GET", "/", "",
            [new("Host", "example.amazonaws.com"), new("My-Header1", " value1"), new("My-Header2", " \"a   b   c\""), new("X-Amz-Date", "20150830T123600Z")],
            ReadOnlyMemory<byte>.Empty);
        var claim = SigV4.Parse($"AWS4-HMAC-SHA256 Credential={Scope}, SignedHeaders=host;my-header1;my-header2;x-amz-date, " +
            "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")!;
        Assert.True(SigV4.Matches(claim, request, Secret));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer abc")]
    [InlineData("AWS4-HMAC-SHA256")]
    [InlineData("AWS4-HMAC-SHA512 Credential=A/20150830/us-east-1/s/aws4_request, SignedHeaders=host, Signature=00")]
    public void What_is_no_signature_of_version_4_is_not_parsed(string authorization) => Assert.Null(SigV4.Parse(authorization));

    [Theory]
    [InlineData("Credential=A/2015083/us-east-1/service/aws4_request", "host")]
    [InlineData("Credential=A/20150830/us-east-1/service/aws5_request", "host")]
    [InlineData("Credential=A/20150830/us-east-1/service/x/aws4_request", "host")]
    [InlineData("Credential=A/20150830/local/service/aws4_request", "host")]
    [InlineData("Credential=A/20150830/US-EAST-1/service/aws4_request", "host")]
    [InlineData("Credential=A/20150830/us-east-1/service/aws4_request", "x-amz-date;host")]
    [InlineData("Credential=A/20150830/us-east-1/service/aws4_request", "host;host")]
    [InlineData("Credential=A/20150830/us-east-1/service/aws4_request", "Host")]
    [InlineData("Credential=A/20150830/us-east-1/service/aws4_request", "")]
    [InlineData("Credential=/20150830/us-east-1/service/aws4_request", "host")]
    public void A_malformed_claim_is_not_parsed(string credential, string signed)
    {
        var signature = new string('0', 64);
        Assert.Null(SigV4.Parse($"AWS4-HMAC-SHA256 {credential}, SignedHeaders={signed}, Signature={signature}"));
        Assert.Null(SigV4.Parse($"AWS4-HMAC-SHA256 {credential}, {credential}, SignedHeaders={signed}, Signature={signature}"));
    }

    [Fact]
    public void Every_amz_header_must_be_signed_above_all_the_target()
    {
        var claim = SigV4.Parse($"AWS4-HMAC-SHA256 Credential={Scope}, SignedHeaders=host;x-amz-date, Signature={new string('0', 64)}")!;
        string? Unsigned(params KeyValuePair<string, string>[] extra) => SigV4.Unsigned(claim, new("POST", "/", "",
            [new("Host", "h"), new("X-Amz-Date", "d"), .. extra], ReadOnlyMemory<byte>.Empty));

        Assert.Null(Unsigned(new KeyValuePair<string, string>("User-Agent", "x")));
        Assert.Equal("x-amz-target", Unsigned(new KeyValuePair<string, string>("X-AMZ-Target", "x")));
        Assert.Equal("content-type", Unsigned(new KeyValuePair<string, string>("Content-Type", "x")));
        Assert.Equal("x-amz-anything", Unsigned(new KeyValuePair<string, string>("x-amz-anything", "x")));
    }

    /// <summary>A request of the shape that the SDKs send, and two hundred seeded changes of one character of it: none may pass.</summary>
    [Fact]
    public void No_changed_byte_of_a_signed_request_passes()
    {
        string[] headers = ["content-type: application/x-amz-json-1.1", "host: localhost:9229", "x-amz-date: 20261123T120000Z",
            "x-amz-target: AWSCognitoIdentityProviderService.AdminGetUser", "x-amz-user-agent: aws-sdk-js/3.1 os/linux"];
        const string Body = """{"UserPoolId":"us-east-1_Poolhouse","Username":"demo"}""";
        var signed = string.Join(';', headers.Select(header => header[..header.IndexOf(':')]));
        var claim = SigV4.Parse("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/cognito-idp/aws4_request, " +
            $"SignedHeaders={signed}, Signature={Sign(headers, Body)}")!;
        Assert.True(SigV4.Matches(claim, Request("POST", headers, Body), Secret));
        Assert.False(SigV4.Matches(claim, Request("POST", headers, Body), new("another")));

        var refused = 0;
        for (var round = 0; round < 200; round++)
        {
            var (method, changed, body) = Mutate(round, headers, Body);
            if (!SigV4.Matches(claim, Request(method, changed, body), Secret)) refused++;
        }
        Assert.Equal(200, refused);
    }

    static (string Method, string[] Headers, string Body) Mutate(int round, string[] headers, string body)
    {
        if (round == 0) return ("GET", headers, body);
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(round.ToString(CultureInfo.InvariantCulture)));
        if (seed[0] % 2 == 0) return ("POST", headers, Flip(body, seed[1]));
        var copy = headers.ToArray();
        var which = seed[2] % copy.Length;
        var value = copy[which].IndexOf(": ", StringComparison.Ordinal) + 2;
        copy[which] = copy[which][..value] + Flip(copy[which][value..], seed[1]);
        return ("POST", copy, body);
    }

    static string Flip(string text, byte seed)
    {
        var at = seed % text.Length;
        return text[..at] + (text[at] == 'x' ? 'y' : 'x') + text[(at + 1)..];
    }

    static SignedRequest Request(string method, string[] headers, string body) => new(method, "/", "",
        [.. headers.Select(header => header.Split(": ", 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]))], Encoding.UTF8.GetBytes(body));

    /// <summary>The signing side, written down once more from the specification and sharing nothing with the verifier.</summary>
    static string Sign(string[] headers, string body)
    {
        var names = string.Join(';', headers.Select(header => header[..header.IndexOf(':')]));
        var canonical = $"POST\n/\n\n{string.Join('\n', headers.Select(header => header.Replace(": ", ":", StringComparison.Ordinal)))}\n\n{names}\n{Hash(body)}";
        var toSign = $"AWS4-HMAC-SHA256\n20261123T120000Z\n20261123/us-east-1/cognito-idp/aws4_request\n{Hash(canonical)}";
        var key = Encoding.UTF8.GetBytes("AWS4" + Secret.Reveal());
        foreach (var part in (string[])["20261123", "us-east-1", "cognito-idp", "aws4_request"]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
