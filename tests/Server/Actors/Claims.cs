using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A token as a resource server sees it: verified by the key that JWKS names, then read.</summary>
public sealed record Claims(JsonObject Header, JsonObject Body)
{
    public JsonNode? this[string claim] => Body[claim];

    public string[] Names => [.. Body.Select(claim => claim.Key).Order(StringComparer.Ordinal)];

    /// <summary>Verifies a token with the published keys of its pool, sharing nothing with the server's own reader.</summary>
    public static Task<Claims> Verified(Realm realm, string token) => Verified(realm.Server, realm.Pool, token);

    /// <inheritdoc cref="Verified(Realm,string)"/>
    public static async Task<Claims> Verified(PoolhouseTestServer server, string pool, string token)
    {
        var parts = token.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        var set = JsonNode.Parse(await server.Http.GetStringAsync($"{server.Url}/{pool}/.well-known/jwks.json"))!["keys"]!.AsArray();
        var key = set.Single(one => (string?)one!["kid"] == (string?)header["kid"])!;
        using var rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars((string)key["n"]!), Exponent = Base64Url.DecodeFromChars((string)key["e"]!) });
        if (!rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            throw new InvalidOperationException("The signature is not the key's.");
        return new(header, JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject());
    }
}
