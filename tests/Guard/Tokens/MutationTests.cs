using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Tokens;

/// <summary>What the guard accepts, a verifier that shares nothing with it accepts too; and nothing makes it throw.</summary>
public sealed class MutationTests
{
    static readonly string[] Claims = ["iss", "sub", "token_use", "client_id", "aud", "exp", "nbf", "iat", "scope", "cognito:groups", "origin_jti", "event_id", "jti", "username"];
    static readonly string[] Headers = ["kid", "alg", "typ", "crit", "jwk", "jku", "x5c", "x5u", "zip", "enc", "cty"];
    static readonly string[] Signers = ["first", "first", "first", "second", "withdrawn", "hmac", "none"];

    static readonly string[] Texts =
    [
        "", "access", "id", "first", "second", "withdrawn", "RS256", "RS512", "HS256", "none", "PS256", FakeIssuer.Pool, FakeIssuer.Pool + "/", TokenForge.Web,
        TokenForge.Worker, "deflate", "JWT", "9999999999", "\u0000", "ü", "\ud83d\ude00",
    ];

    static readonly Gen<JsonNode?> Value = Gen.OneOf(
        Gen.OneOf(Texts).Select(text => (JsonNode?)JsonValue.Create(text)),
        Gen.OneOf(0L, -1L, 1L, 1_795_435_200L, 9_999_999_999L, 253_402_300_799L, 253_402_300_800L, long.MaxValue, long.MinValue).Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.Double.Where(double.IsFinite).Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.Const(() => (JsonNode?)null), Gen.Const(() => (JsonNode?)JsonValue.Create(true)), Gen.Const(() => (JsonNode?)new JsonObject()),
        Gen.OneOf(Texts).Select(text => (JsonNode?)new JsonArray(text, TokenForge.Web)));

    static readonly Gen<(string Name, JsonNode? Value)[]> NewClaims = Gen.Select(Gen.OneOf(Claims), Value).Array[0, 3];
    static readonly Gen<(string Name, JsonNode? Value)[]> NewHeaders = Gen.Select(Gen.OneOf(Headers), Value).Array[0, 2];

    // Most of the time nothing, or nothing would get beyond the first look.
    static readonly Gen<(int At, int Xor, int Kind)> Damage = Gen.Select(Gen.Int[0, 100_000], Gen.Int[1, 127], Gen.Int[0, 9]);

    [Fact]
    public async Task What_the_guard_accepts_an_independent_verifier_accepts_too()
    {
        await using var post = await GuardPost.StartPlain(issuer: issuer => issuer.Publish("first", "second"));
        var second = new PlainVerifier(FakeIssuer.Pool, [TokenForge.Web, TokenForge.Worker], post.Issuer.Keys);
        int accepted = 0, refused = 0;
        await Gen.Select(NewClaims, NewHeaders, Gen.OneOf(Signers), Damage).SampleAsync(async made =>
        {
            var token = Token(post.Forge, made.Item1, made.Item2, made.Item3, made.Item4);
            var result = await post.Check(token);
            var again = await post.Check(token);
            Interlocked.Increment(ref result.Accepted ? ref accepted : ref refused);
            return result.Refusal == again.Refusal && (!result.Accepted || second.Accepts(token, post.Clock.GetUtcNow()));
        }, iter: 4000, threads: 2);
        Assert.True(accepted > 200 && refused > 2000, $"{accepted} accepted, {refused} refused");
        Assert.Equal(1, post.Issuer.Count("jwks"));
    }

    [Fact]
    public async Task No_character_of_a_token_can_be_another()
    {
        await using var post = await GuardPost.StartPlain();
        var token = post.Forge.Access();
        for (var at = 0; at < token.Length; at++)
        {
            var other = token[at] == 'A' ? 'B' : 'A';
            Assert.False((await post.Check($"{token[..at]}{other}{token[(at + 1)..]}")).Accepted, $"character {at}");
            Assert.False((await post.Check(token.Remove(at, 1))).Accepted, $"without character {at}");
        }
        Assert.True((await post.Check(token)).Accepted);
    }

    [Fact]
    public async Task The_independent_verifier_is_no_yes_man()
    {
        await using var post = await GuardPost.StartPlain();
        var second = new PlainVerifier(FakeIssuer.Pool, [TokenForge.Web], post.Issuer.Keys);
        var now = post.Clock.GetUtcNow();
        Assert.True(second.Accepts(post.Forge.Access(), now));
        Assert.False(second.Accepts(post.Forge.Id(), now));
        Assert.False(second.Accepts(post.Forge.Access(null, ("exp", post.Forge.Now)), now));
        Assert.False(second.Accepts(post.Forge.Sign(post.Forge.AccessClaims(), new() { ["kid"] = "first" }, ForgedKey.Rsa("second")), now));
    }

    static string Token(TokenForge forge, (string, JsonNode?)[] claims, (string Name, JsonNode? Value)[] headers, string signer, (int At, int Xor, int Kind) damage)
    {
        var key = ForgedKey.Rsa(signer is "hmac" or "none" ? "first" : signer);
        var header = new JsonObject { ["kid"] = key.Kid, ["alg"] = signer switch { "hmac" => "HS256", "none" => "none", _ => "RS256" } };
        foreach (var (name, value) in headers) header[name] = value?.DeepClone();
        var token = TokenForge.Raw(header.ToJsonString(), TokenForge.Changed(forge.AccessClaims(), claims).ToJsonString(), signer switch
        {
            "hmac" => data => HMACSHA256.HashData(Encoding.ASCII.GetBytes(key.Pem), data),
            "none" => _ => [],
            _ => data => key.Sign(data),
        });
        var at = damage.At % token.Length;
        return damage.Kind switch
        {
            0 => $"{token[..at]}{(char)(token[at] ^ damage.Xor)}{token[(at + 1)..]}",
            1 => token[..at],
            2 => token + token[..(at % 16)],
            3 => token.Insert(at, ((char)damage.Xor).ToString()),
            _ => token,
        };
    }
}
