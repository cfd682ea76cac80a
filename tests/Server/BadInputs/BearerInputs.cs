using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>Bad tokens; the rows that are written for the guard hold for the server's own check as well.</summary>
static class BearerInputs
{
    public static readonly BadInput[] Rows =
    [
        new("B39", "userInfo", "no token",                 s => s.Get("/oauth2/userInfo"),                                                          Expect.Bearer("invalid_request", 400)),
        new("B39", "userInfo", "token in the query",       async s => await s.Get($"/oauth2/userInfo?access_token={(await s.SignIn()).Access}"),    Expect.Bearer("invalid_request", 400)),
        new("B40", "userInfo", "alg none",                 s => s.Forged("""{"kid":"{kid}","alg":"none"}""", _ => []),                              Expect.Bearer("invalid_token")),
        new("B40", "userInfo", "alg nOnE",                 s => s.Forged("""{"kid":"{kid}","alg":"nOnE"}""", _ => [0]),                             Expect.Bearer("invalid_token")),
        new("B40", "userInfo", "empty signature",          s => s.Forged("""{"kid":"{kid}","alg":"RS256"}""", _ => []),                             Expect.Bearer("invalid_token")),
        new("B41", "userInfo", "HS256 by our public key",  HmacByPublicKey,                                                                         Expect.Bearer("invalid_token")),
        new("B42", "userInfo", "kid ../../etc/passwd",     s => s.Forged("""{"kid":"../../etc/passwd","alg":"RS256"}""", Foreign),                  Expect.Bearer("invalid_token")),
        new("B42", "userInfo", "kid ' OR 1=1",             s => s.Forged("""{"kid":"'OR/**/1=1--","alg":"RS256"}""", Foreign),                      Expect.Bearer("invalid_token")),
        new("B42", "userInfo", "kid of 4 KB",              s => s.Forged($$"""{"kid":"{{new string('k', 4096)}}","alg":"RS256"}""", Foreign),       Expect.Bearer("invalid_token")),
        new("B42", "userInfo", "kid that is no text",      s => s.Forged("""{"kid":"\ud800","alg":"RS256"}""", Foreign),                            Expect.Bearer("invalid_token")),
        new("B43", "userInfo", "jku",                      s => s.Forged("""{"kid":"{kid}","alg":"RS256","jku":"https://canary.test/k"}""", Foreign), Expect.Bearer("invalid_token")),
        new("B43", "userInfo", "x5u",                      s => s.Forged("""{"kid":"{kid}","alg":"RS256","x5u":"https://canary.test/k"}""", Foreign), Expect.Bearer("invalid_token")),
        new("B43", "userInfo", "embedded jwk",             EmbeddedKey,                                                                             Expect.Bearer("invalid_token")),
        new("B44", "userInfo", "ID token",                 async s => await s.UserInfo((await s.SignIn()).Id!),                                     Expect.Bearer("invalid_token")),
        new("B44", "userInfo", "refresh token",            async s => await s.UserInfo((await s.SignIn()).Refresh),                                 Expect.Bearer("invalid_token")),
        new("B44", "userInfo", "ID token's key under an access token", ByIdKey,                                                                     Expect.Bearer("invalid_token")),
        new("B45", "userInfo", "claims of another pool",   OtherPool,                                                                               Expect.Bearer("invalid_token")),
        new("B45", "userInfo", "an issuer that is no text", NoIssuer,                                                                               Expect.Bearer("invalid_token")),
        new("B46", "userInfo", "session revoked",          Revoked,                                                                                 Expect.Bearer("invalid_token")),
    ];

    // Somebody else's key: the signature is a good one, only not ours.
    static byte[] Foreign(byte[] data)
    {
        using var rsa = RSA.Create(2048);
        return rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    static async Task<Answer> HmacByPublicKey(Stage stage)
    {
        var keys = JsonNode.Parse(await stage.Realm.Server.Http.GetStringAsync($"{stage.Realm.Issuer}/.well-known/jwks.json"))!["keys"]!.AsArray();
        using var rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars((string)keys[1]!["n"]!), Exponent = Base64Url.DecodeFromChars((string)keys[1]!["e"]!) });
        var pem = Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem());
        return await stage.Forged("""{"kid":"{kid}","alg":"HS256"}""", data => HMACSHA256.HashData(pem, data));
    }

    static async Task<Answer> EmbeddedKey(Stage stage)
    {
        using var rsa = RSA.Create(2048);
        var own = rsa.ExportParameters(false);
        var jwk = $$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(own.Modulus)}}","e":"{{Base64Url.EncodeToString(own.Exponent)}}"}""";
        return await stage.Forged($$"""{"kid":"{kid}","alg":"RS256","jwk":{{jwk}}}""", data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    // Even who gets an ID token's key to sign an access token's claims has no access token.
    static async Task<Answer> ByIdKey(Stage stage)
    {
        var key = (await stage.Realm.Server.Service<Storage.SigningKeyStore>().Signing(stage.Realm.Pool)).Id;
        return await stage.Forged($$"""{"kid":"{{key.Kid}}","alg":"RS256"}""", data => Signed(key, data));
    }

    // The other pool's own key under this pool's claims: the issuer says which keys count.
    static async Task<Answer> OtherPool(Stage stage)
    {
        var other = await stage.Realm.Admin.Pool();
        using (await stage.Realm.Server.Http.GetAsync($"{stage.Realm.Server.Url}/{other}/.well-known/jwks.json")) { }
        var genuine = (await stage.SignIn()).Access.Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(genuine[1])).Replace(stage.Realm.Pool, other, StringComparison.Ordinal);
        return await stage.UserInfo($"{genuine[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.{genuine[2]}");
    }

    static async Task<Answer> NoIssuer(Stage stage)
    {
        var genuine = (await stage.SignIn()).Access.Split('.');
        return await stage.UserInfo($"{genuine[0]}.{Base64Url.EncodeToString("""{"iss":"\udc00"}"""u8)}.{genuine[2]}");
    }

    static async Task<Answer> Revoked(Stage stage)
    {
        var tokens = await stage.SignIn();
        Assert.Equal(200, (await stage.UserInfo(tokens.Access)).Status);
        await stage.Token($"client_id={stage.Web}&token={tokens.Refresh}", path: "/oauth2/revoke");
        stage.Realm.Clock.Advance(TimeSpan.FromSeconds(1));
        return await stage.UserInfo(tokens.Access);
    }

    static byte[] Signed(Core.Keys.SigningKey key, byte[] data)
    {
        var signature = new byte[256];
        key.Sign(data, signature);
        return signature;
    }
}
