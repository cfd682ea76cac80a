using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Tokens;

/// <summary>Tokens that the issuer has signed, of a form, time or issuer that is not taken (security.md J3 and J7).</summary>
public sealed class FormTests
{
    static readonly Dictionary<string, (GuardRefusal Refusal, Func<TokenForge, string> Token)> Forms = new()
    {
        ["8192 characters"] = (GuardRefusal.None, forge => OfLength(forge, 8192)),
        ["8193 characters"] = (GuardRefusal.Malformed, forge => OfLength(forge, 8193)),
        ["a claim 16 deep"] = (GuardRefusal.None, forge => Payload(forge, $",\"deep\":{new string('[', 15)}{new string(']', 15)}")),
        ["a claim 17 deep"] = (GuardRefusal.Malformed, forge => Payload(forge, $",\"deep\":{new string('[', 16)}{new string(']', 16)}")),
        ["a header 17 deep"] = (GuardRefusal.Malformed, forge => Header(forge, $",\"deep\":{new string('[', 16)}{new string(']', 16)}")),
        ["a claim twice"] = (GuardRefusal.Malformed, forge => Payload(forge, ",\"token_use\":\"access\"")),
        ["a claim twice, once escaped"] = (GuardRefusal.Malformed, forge => Payload(forge, ",\"token\\u005fuse\":\"access\"")),
        ["a header twice"] = (GuardRefusal.Malformed, forge => Header(forge, ",\"alg\":\"RS256\"")),
        ["half a surrogate in a name"] = (GuardRefusal.Malformed, forge => Payload(forge, ",\"\\ud800\":1")),
        ["half a surrogate in a claim"] = (GuardRefusal.Malformed, forge => Payload(forge, ",\"nickname\":\"\\ud800\"")),
        ["half a surrogate among the groups"] = (GuardRefusal.Malformed, forge => Groups(forge, "[\"\\ud800\",\"staff\"]")),
        ["half a surrogate in an object"] = (GuardRefusal.Malformed, forge => Payload(forge, ",\"address\":{\"formatted\":\"\\udfff\"}")),
        ["bytes that are no UTF-8"] = (GuardRefusal.Malformed, NoUtf8),
        ["a whole surrogate pair"] = (GuardRefusal.None, forge => Payload(forge, ",\"nickname\":\"\\ud83d\\ude00\"")),
        ["groups that are no list"] = (GuardRefusal.None, forge => Groups(forge, "\"staff\"")),
        ["groups that are no texts"] = (GuardRefusal.None, forge => Groups(forge, "[1,null,{}]")),
        ["a payload that is a list"] = (GuardRefusal.Malformed, forge => TokenForge.Raw(Kid(forge), "[]", data => forge.Key.Sign(data))),
        ["a payload that is no JSON"] = (GuardRefusal.Malformed, forge => TokenForge.Raw(Kid(forge), "{", data => forge.Key.Sign(data))),
        ["a payload and something after it"] = (GuardRefusal.Malformed, forge => Payload(forge, "", "{}")),
        ["padding"] = (GuardRefusal.Malformed, forge => forge.Access() + "="),
        ["the other base64"] = (GuardRefusal.Malformed, forge => forge.Access()[..^4] + "+/AA"),
        ["a length that base64 cannot have"] = (GuardRefusal.Malformed, forge => forge.Access().Replace(".", "A.", StringComparison.Ordinal)),
        ["a signature of a length that base64 cannot have"] = (GuardRefusal.Malformed, forge => forge.Access() + "AAA"),
        ["a space after it"] = (GuardRefusal.Malformed, forge => forge.Access() + " "),
        ["a space before it"] = (GuardRefusal.Malformed, forge => " " + forge.Access()),
        ["a line feed after it"] = (GuardRefusal.Malformed, forge => forge.Access() + "\n"),
        ["a letter beyond ASCII"] = (GuardRefusal.Malformed, forge => forge.Access() + "ü"),
        ["a token after it"] = (GuardRefusal.Malformed, forge => forge.Access() + "," + forge.Access()),
        ["dots"] = (GuardRefusal.Malformed, _ => ".."),
        ["nothing"] = (GuardRefusal.TokenMissing, _ => ""),
        ["exp missing"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", null))),
        ["exp 0"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", 0))),
        ["exp negative"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", -1))),
        ["exp a text"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", $"{forge.Now + 60}"))),
        ["exp a fraction"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", forge.Now + 60.5))),
        ["exp beyond the calendar"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", 253_402_300_800))),
        ["exp beyond 64 bits"] = (GuardRefusal.Malformed, forge => forge.Access(null, ("exp", 1e300))),
        ["exp now"] = (GuardRefusal.Expired, forge => forge.Access(null, ("exp", forge.Now))),
        ["exp a second from now"] = (GuardRefusal.None, forge => forge.Access(null, ("exp", forge.Now + 1))),
        ["nbf now"] = (GuardRefusal.None, forge => forge.Access(null, ("nbf", forge.Now))),
        ["nbf a second from now"] = (GuardRefusal.NotYetValid, forge => forge.Access(null, ("nbf", forge.Now + 1))),
        ["nbf written with an escape"] = (GuardRefusal.NotYetValid, forge => Payload(forge, $",\"nb\\u0066\":{forge.Now + 60}")),
        ["nbf a text"] = (GuardRefusal.Malformed, forge => forge.Access(null, ("nbf", "now"))),
        ["nbf negative"] = (GuardRefusal.Malformed, forge => forge.Access(null, ("nbf", -1))),
        ["iss missing"] = (GuardRefusal.WrongIssuer, forge => forge.Access(null, ("iss", null))),
        ["iss with a slash at its end"] = (GuardRefusal.WrongIssuer, forge => forge.Access(null, ("iss", forge.Issuer + "/"))),
        ["iss in capitals"] = (GuardRefusal.WrongIssuer, forge => forge.Access(null, ("iss", forge.Issuer.ToUpperInvariant()))),
        ["iss over an open wire"] = (GuardRefusal.WrongIssuer, forge => forge.Access(null, ("iss", forge.Issuer.Replace("https", "http", StringComparison.Ordinal)))),
        ["iss with the port that is meant"] = (GuardRefusal.WrongIssuer, forge => forge.Access(null, ("iss", forge.Issuer.Replace(".com/", ".com:443/", StringComparison.Ordinal)))),
        ["iss a list"] = (GuardRefusal.WrongIssuer, forge => forge.Access(null, ("iss", new JsonArray(forge.Issuer)))),
        ["token_use in capitals"] = (GuardRefusal.WrongTokenUse, forge => forge.Access(null, ("token_use", "ACCESS"))),
        ["token_use missing"] = (GuardRefusal.WrongTokenUse, forge => forge.Access(null, ("token_use", null))),
        ["client_id missing"] = (GuardRefusal.WrongClient, forge => forge.Access(null, ("client_id", null))),
        ["client_id missing, aud in its place"] = (GuardRefusal.WrongClient, forge => forge.Access(null, ("client_id", null), ("aud", TokenForge.Web))),
        ["client_id a list"] = (GuardRefusal.WrongClient, forge => forge.Access(null, ("client_id", new JsonArray(TokenForge.Web)))),
    };

    public static TheoryData<string> Names => [.. Forms.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_signed_token_of_another_form_has_its_own_reason(string name)
    {
        await using var post = await GuardPost.StartPlain();
        var (refusal, token) = Forms[name];
        var presented = token(post.Forge);
        Assert.Equal(refusal, await post.Refusal(presented));
        Assert.Equal(refusal, await post.Refusal(presented));
        Assert.Equal(["GET /.well-known/jwks.json"], post.Issuer.Requests);
    }

    [Theory]
    [InlineData("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz", "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz")]
    [InlineData("https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz", "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz")]
    [InlineData("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz", "https://cognito-idp.us-east-2.amazonaws.com/us-east-1_Abc123xyz")]
    public async Task One_form_of_Amazons_issuer_is_not_the_other(string ours, string other)
    {
        var clock = GuardPost.NewClock();
        await using var post = await GuardPost.Start(clock, new FakeIssuer(clock, ours), given => (given.Issuer, given.Revocations) = (ours, RevocationSource.None));
        post.Pass(60);
        Assert.Equal(GuardRefusal.WrongIssuer, await post.Refusal(new TokenForge(other, post.Forge.Key, clock).Access()));
        Assert.Single(post.Issuer.Requests);
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
    }

    static string Kid(TokenForge forge) => $$"""{"kid":"{{forge.Key.Kid}}","alg":"RS256"}""";

    static string Header(TokenForge forge, string more) =>
        TokenForge.Raw(Kid(forge)[..^1] + more + "}", forge.AccessClaims().ToJsonString(), data => forge.Key.Sign(data));

    static string Payload(TokenForge forge, string more, string after = "") =>
        TokenForge.Raw(Kid(forge), forge.AccessClaims().ToJsonString()[..^1] + more + "}" + after, data => forge.Key.Sign(data));

    static string Groups(TokenForge forge, string groups) => TokenForge.Raw(Kid(forge),
        TokenForge.Changed(forge.AccessClaims(), ("cognito:groups", null)).ToJsonString()[..^1] + $",\"cognito:groups\":{groups}}}", data => forge.Key.Sign(data));

    static string NoUtf8(TokenForge forge)
    {
        var payload = Base64Url.EncodeToString([.. Encoding.UTF8.GetBytes(forge.AccessClaims().ToJsonString()[..^1] + ",\"a\":\""), 0x9F, .. "\"}"u8]);
        var signed = $"{TokenForge.Encode(Kid(forge))}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(forge.Key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    // Three bytes are four characters, so that not every length can be had with every header.
    static string OfLength(TokenForge forge, int length)
    {
        var payload = forge.AccessClaims().ToJsonString()[..^1] + ",\"pad\":\"";
        for (var at = 0; ; at++)
        {
            var header = Kid(forge)[..^1] + $",\"typ\":\"{new string('J', 1 + at / 4)}\"}}";
            var left = length - TokenForge.Encode(header).Length - 2 - 342;
            var pad = left * 3 / 4 - payload.Length - 2 - at % 4;
            var token = TokenForge.Raw(header, $"{payload}{new string('x', pad)}\"}}", data => forge.Key.Sign(data));
            if (token.Length == length) return token;
        }
    }
}
