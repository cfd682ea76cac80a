using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Tokens;

/// <summary>Tokens that nobody issued (security.md B40 to B45, J1, J2, J7): each has its reason, and none of them makes the guard ask anybody but the key set.</summary>
public sealed class ForgeryTests
{
    static readonly Dictionary<string, (GuardRefusal Refusal, Func<TokenForge, string> Token)> Forgeries = new()
    {
        ["alg none, no signature"] = (GuardRefusal.Malformed, forge => Unsigned(forge, "none")),
        ["alg none, a signature"] = (GuardRefusal.WrongAlgorithm, forge => Headed(forge, ("alg", "none"))),
        ["alg nOnE, a signature"] = (GuardRefusal.WrongAlgorithm, forge => Headed(forge, ("alg", "nOnE"))),
        ["alg nOnE, no signature"] = (GuardRefusal.Malformed, forge => Unsigned(forge, "nOnE")),
        ["alg RS256, no signature"] = (GuardRefusal.Malformed, forge => Unsigned(forge, "RS256")),
        ["alg missing"] = (GuardRefusal.Malformed, forge => Headed(forge, ("alg", null))),
        ["alg a number"] = (GuardRefusal.Malformed, forge => Headed(forge, ("alg", 256))),
        ["alg rs256"] = (GuardRefusal.WrongAlgorithm, forge => Headed(forge, ("alg", "rs256"))),
        ["HS256 keyed with our PEM"] = (GuardRefusal.WrongAlgorithm, forge => Hmac(forge, Encoding.ASCII.GetBytes(forge.Key.Pem))),
        ["HS256 keyed with our modulus"] = (GuardRefusal.WrongAlgorithm, forge => Hmac(forge, forge.Key.Modulus)),
        ["RS256 claimed, HMAC by our PEM"] = (GuardRefusal.WrongSignature, forge => Hmac(forge, Encoding.ASCII.GetBytes(forge.Key.Pem), "RS256")),
        ["ES256 by a key of its own under our kid"] = (GuardRefusal.WrongAlgorithm, forge => forge.Sign(forge.AccessClaims(), new() { ["kid"] = forge.Key.Kid }, ForgedKey.Ec("curve"))),
        ["RS512 by the RS256 key"] = (GuardRefusal.WrongAlgorithm, forge => By(forge, "RS512")),
        ["RS384 by the RS256 key"] = (GuardRefusal.WrongAlgorithm, forge => By(forge, "RS384")),
        ["PS256 by the RS256 key"] = (GuardRefusal.WrongAlgorithm, forge => By(forge, "PS256")),
        ["RS512 under the name RS256"] = (GuardRefusal.WrongSignature, forge => Raw(forge, "RS256", data => forge.Key.Sign(data, "RS512"))),
        ["jku of somebody's"] = (GuardRefusal.WrongSignature, forge => Strange(forge, ("jku", "https://evil.example.net/jwks.json"))),
        ["x5u of somebody's"] = (GuardRefusal.WrongSignature, forge => Strange(forge, ("x5u", "https://evil.example.net/chain.pem"))),
        ["jwk in the header"] = (GuardRefusal.WrongSignature, forge => Strange(forge, ("jwk", ForgedKey.Rsa("stranger").Jwk()))),
        ["x5c in the header"] = (GuardRefusal.WrongSignature, forge => Strange(forge, ("x5c", new JsonArray("MIIB")))),
        ["jku and a kid of its own"] = (GuardRefusal.UnknownKey, forge => forge.Sign(forge.AccessClaims(), new() { ["jku"] = "https://evil.example.net/jwks.json" }, ForgedKey.Rsa("stranger"))),
        ["crit that nobody knows"] = (GuardRefusal.Malformed, forge => Headed(forge, ("crit", new JsonArray("exp")))),
        ["crit, empty"] = (GuardRefusal.Malformed, forge => Headed(forge, ("crit", new JsonArray()))),
        ["kid of a path"] = (GuardRefusal.UnknownKey, forge => Headed(forge, ("kid", "../../etc/passwd"))),
        ["kid of SQL"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", "' OR 1=1"))),
        ["kid of SQL without spaces"] = (GuardRefusal.UnknownKey, forge => Headed(forge, ("kid", "'OR/**/1=1--"))),
        ["kid of 4 KB"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", new string('k', 4096)))),
        ["kid of 129 characters"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", new string('k', 129)))),
        ["kid beyond ASCII"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", "schlüssel"))),
        ["kid empty"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", ""))),
        ["kid missing"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", null))),
        ["kid an object"] = (GuardRefusal.Malformed, forge => Headed(forge, ("kid", new JsonObject()))),
        ["kid in other letters"] = (GuardRefusal.UnknownKey, forge => Headed(forge, ("kid", "FIRST"))),
        ["a JWE"] = (GuardRefusal.Malformed, forge => forge.Access() + ".AAAA.AAAA"),
        ["four parts"] = (GuardRefusal.Malformed, forge => forge.Access() + ".AAAA"),
        ["two parts"] = (GuardRefusal.Malformed, forge => forge.Access()[..forge.Access().LastIndexOf('.')]),
        ["a signature cut short"] = (GuardRefusal.WrongSignature, forge => Raw(forge, "RS256", data => forge.Key.Sign(data)[..^6])),
        ["a signature of one byte"] = (GuardRefusal.WrongSignature, forge => Raw(forge, "RS256", _ => [0])),
        ["a signature of nulls"] = (GuardRefusal.WrongSignature, forge => Raw(forge, "RS256", _ => new byte[256])),
    };

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_forgery_is_refused_for_its_own_reason_and_makes_nobody_ask(string name)
    {
        await using var post = await GuardPost.StartPlain();
        post.Pass(60);
        var (refusal, token) = Forgeries[name];
        Assert.Equal(refusal, await post.Refusal(token(post.Forge)));
        Assert.All(post.Issuer.Requests, request => Assert.Equal("GET /.well-known/jwks.json", request));
        Assert.InRange(post.Issuer.Requests.Count, 1, refusal == GuardRefusal.UnknownKey ? 2 : 1);
    }

    [Fact]
    public async Task The_token_that_they_all_imitate_passes()
    {
        await using var post = await GuardPost.StartPlain();
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
        Assert.Equal(GuardRefusal.None, await post.Refusal(Headed(post.Forge, ("typ", "JWT"), ("unknown", new JsonObject()))));
    }

    static string Headed(TokenForge forge, params (string Name, JsonNode? Value)[] header)
    {
        var members = new JsonObject();
        foreach (var (name, value) in header) members[name] = value;
        return forge.Sign(forge.AccessClaims(), members);
    }

    // Under our kid, signed by a stranger, who offers his key.
    static string Strange(TokenForge forge, (string Name, JsonNode Value) offer) =>
        forge.Sign(forge.AccessClaims(), new() { ["kid"] = forge.Key.Kid, [offer.Name] = offer.Value.DeepClone() }, ForgedKey.Rsa("stranger"));

    static string Unsigned(TokenForge forge, string algorithm) => Raw(forge, algorithm, _ => []);

    static string By(TokenForge forge, string algorithm) => Raw(forge, algorithm, data => forge.Key.Sign(data, algorithm));

    static string Hmac(TokenForge forge, byte[] secret, string algorithm = "HS256") => Raw(forge, algorithm, data => HMACSHA256.HashData(secret, data));

    static string Raw(TokenForge forge, string algorithm, Func<byte[], byte[]> sign) =>
        TokenForge.Raw(new JsonObject { ["kid"] = forge.Key.Kid, ["alg"] = algorithm }.ToJsonString(), forge.AccessClaims().ToJsonString(), sign);
}
