using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Poolhouse.Core.Keys;
using Poolhouse.Tokens;
using Xunit;

namespace Poolhouse.Unit.Tests.Tokens;

public class JwtTests
{
    const string Good = """{"kid":"k+/=","alg":"RS256"}""";
    const string Claims = """{"sub":"ana","exp":17}""";

    public static TheoryData<string, string, string, bool> Forms() => new()
    {
        // what                                  header                                                     payload                     read
        { "as Cognito writes it",                Good,                                                      Claims,                     true },
        { "a kid of 128",                        $$"""{"kid":"{{new string('k', 128)}}","alg":"RS256"}""",    Claims,                     true },
        { "a kid of 129",                        $$"""{"kid":"{{new string('k', 129)}}","alg":"RS256"}""",    Claims,                     false },
        { "an empty kid",                        """{"kid":"","alg":"RS256"}""",                            Claims,                     false },
        { "no kid",                              """{"alg":"RS256"}""",                                     Claims,                     false },
        { "a kid that is a number",              """{"kid":1,"alg":"RS256"}""",                             Claims,                     false },
        { "a kid with a space",                  """{"kid":"a b","alg":"RS256"}""",                         Claims,                     false },
        { "a kid with a control character",      """{"kid":"a\u0000b","alg":"RS256"}""",                    Claims,                     false },
        { "a kid that is no text",               """{"kid":"\ud800","alg":"RS256"}""",                      Claims,                     false },
        { "an alg that is no text",              """{"kid":"k","alg":"\udfff"}""",                          Claims,                     false },
        { "no alg",                              """{"kid":"k"}""",                                         Claims,                     false },
        { "alg null",                            """{"kid":"k","alg":null}""",                              Claims,                     false },
        { "crit",                                """{"kid":"k","alg":"RS256","crit":["b64"],"b64":false}""", Claims,                    false },
        { "crit that is null",                   """{"kid":"k","alg":"RS256","crit":null}""",               Claims,                     false },
        { "jku, which nobody looks at",          """{"kid":"k","alg":"RS256","jku":"https://evil.test"}""", Claims,                     true },
        { "kid twice",                           """{"kid":"k","kid":"l","alg":"RS256"}""",                 Claims,                     false },
        { "kid twice, once in disguise",         """{"kid":"k","\u006bid":"l","alg":"RS256"}""",            Claims,                     false },
        { "a claim twice",                       Good,                                                      """{"sub":"a","sub":"b"}""", false },
        { "a claim twice, once in disguise",     Good,                                                      "{\"sub\":\"a\",\"s\\u0075b\":\"b\"}", false },
        { "a member of a claim twice",           Good,                                                      """{"a":[{"b":1,"b":2}]}""",  false },
        { "one name in two objects",             Good,                                                      """{"a":{"b":1},"b":{"a":[{"b":1},{"b":2}]}}""", true },
        { "names that look alike",               Good,                                                      """{"abcd":1,"axcd":2}""",   true },
        { "33 claims",                           Good,                                                      Many(33),                   true },
        { "33 claims, the last twice",           Good,                                                      Many(33, "32"),             false },
        { "400 claims, the first twice",         Good,                                                      Many(400, "0"),             false },
        { "a payload 17 deep",                   Good,                                                      Deep(17),                   false },
        { "a payload 16 deep",                   Good,                                                      Deep(16),                   true },
        { "a payload that is an array",          Good,                                                      "[]",                       false },
        { "a payload with a comment",            Good,                                                      "{}//",                     false },
        { "an empty payload",                    Good,                                                      "",                         false },
        { "a header that is an array",           "[]",                                                      Claims,                     false },
        { "a member name that is no text",       """{"kid":"k","alg":"RS256","\ud800":1}""",                Claims,                     false },
    };

    [Theory, MemberData(nameof(Forms))]
    public void A_token_is_read_in_exactly_one_form(string what, string header, string payload, bool isRead)
    {
        Assert.Equal((what, isRead), (what, Jwt.TryRead(Token(header, payload), out _)));
    }

    [Theory]
    [InlineData("none"), InlineData("nOnE"), InlineData("HS256"), InlineData("RS512")]
    public void The_algorithm_is_told_as_it_was_claimed_and_an_empty_signature_is_none(string algorithm)
    {
        var header = $$"""{"kid":"k","alg":"{{algorithm}}"}""";
        Assert.True(Jwt.TryRead(Token(header, Claims), out var jwt));
        Assert.Equal(algorithm, jwt.Algorithm);
        Assert.False(Jwt.TryRead(Part(header) + "." + Part(Claims) + ".", out _));
    }

    [Theory]
    [InlineData("""{"bad":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":[{"b":"\udc00"}]}""")]
    public void Half_a_surrogate_pair_is_no_text_and_its_token_is_not_read(string claims) => Assert.False(Jwt.TryRead(Token(Good, claims), out _));

    [Fact]
    public void Claims_that_are_not_what_is_asked_for_are_absent()
    {
        Assert.True(Jwt.TryRead(Token(Good, """{"s":"x","n":17,"f":1.5,"e":1e3,"big":99999999999999999999,"text":"17"}"""), out var jwt));
        Assert.Equal(("x", 17L), (jwt.Text("s"), jwt.Number("n")));
        Assert.Null(jwt.Text("n"));
        foreach (var name in (string[])["s", "f", "big", "text", "absent"]) Assert.Null(jwt.Number(name));
    }

    [Fact]
    public void A_token_of_more_than_8_KB_is_not_even_split()
    {
        var token = Token(Good, $$"""{"sub":"{{new string('a', 5000)}}"}""");
        Assert.True(token.Length < Jwt.MaxLength && Jwt.TryRead(token, out _));
        Assert.False(Jwt.TryRead(Token(Good, $$"""{"sub":"{{new string('a', 6200)}}"}"""), out _));
    }

    [Theory]
    [InlineData(""), InlineData("."), InlineData(".."), InlineData("a.b"), InlineData("a.b.c"), InlineData("a.b.c.d"), InlineData("a.b.c.d.e")]
    [InlineData("e30=.e30.AA"), InlineData("e30.e30.A A"), InlineData("e30.e30.\u00e9\u00e9")]
    public void What_has_not_three_parts_of_base64url_is_no_token(string text) => Assert.False(Jwt.TryRead(text, out _));

    [Fact]
    public void Any_change_of_one_character_is_unreadable_or_does_not_verify()
    {
        var key = SigningKey.Create(KeyUse.Access);
        var body = Encoding.ASCII.GetString(key.Header) + "." + Part(Claims);
        var signature = new byte[256];
        key.Sign(Encoding.ASCII.GetBytes(body), signature);
        var token = body + "." + Base64Url.EncodeToString(signature);
        Assert.True(Jwt.TryRead(token, out var jwt) && key.Verify(jwt.Signed.Span, jwt.Signature.Span));

        Gen.Select(Gen.Int[0, token.Length - 1], Gen.Char[' ', '~']).Where((at, character) => token[at] != character).Sample((at, character) =>
        {
            var changed = token[..at] + character + token[(at + 1)..];
            // The unused bits of a signature's last character are nobody's: the bytes are the same, and so is what is signed.
            var same = at == token.Length - 1 && Jwt.TryRead(changed, out var other) && other.Signature.Span.SequenceEqual(jwt.Signature.Span);
            return same || !Jwt.TryRead(changed, out var read) || !key.Verify(read.Signed.Span, read.Signature.Span);
        }, iter: 400);
    }

    [Fact]
    public void Whatever_stands_in_a_token_it_is_read_or_refused() =>
        Gen.Select(Gen.String, Gen.String, Gen.Byte.Array).Sample((header, payload, signature) =>
        {
            Jwt.TryRead(Part(header) + "." + Part(payload) + "." + Base64Url.EncodeToString(signature), out _);
            Jwt.TryRead(header, out _);
        }, iter: 1000);

    // Whoever reads a claim that stands there twice has to know which one others read.
    [Fact]
    public void No_claim_stands_there_twice_whatever_the_others_are_called() =>
        Gen.Select(Gen.String[Gen.Char["abAB#\u00e9\\"], 0, 3].Array[0, 40], Gen.Bool).Sample((names, deep) =>
        {
            var claims = $"{{{string.Join(',', names.Select(name => $"\"{JsonEncodedText.Encode(name)}\":1"))}}}";
            return Jwt.TryRead(Token(Good, deep ? $$"""{"a":[0,{{claims}}]}""" : claims), out _) == (names.Distinct().Count() == names.Length);
        }, iter: 2000);

    static string Many(int count, params string[] more) => $"{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"{i}").Concat(more).Select(name => $"\"{name}\":0"))}}}";

    static string Deep(int depth) => $"{string.Concat(Enumerable.Repeat("""{"a":""", depth - 1))}{{}}{new string('}', depth - 1)}";

    static string Token(string header, string payload) => $"{Part(header)}.{Part(payload)}.{Base64Url.EncodeToString(SHA256.HashData([]))}";

    static string Part(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
