using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A key pair under a name: signs what it is given, and shows its public half as a key set does. Pairs are made once for each name.</summary>
sealed class ForgedKey
{
    static readonly ConcurrentDictionary<string, Lazy<ForgedKey>> Stock = new();

    readonly AsymmetricAlgorithm pair;

    ForgedKey(string kid, string algorithm, AsymmetricAlgorithm pair) => (Kid, Algorithm, this.pair) = (kid, algorithm, pair);

    public string Kid { get; }

    public string Algorithm { get; }

    public static ForgedKey Rsa(string kid, int bits = 2048) => Made(kid, () => new(kid, "RS256", RSA.Create(bits)));

    public static ForgedKey Ec(string kid) => Made(kid, () => new(kid, "ES256", ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    /// <summary>The public key as PEM, the text with which HS256 is keyed by those who hope that the verifier does so too.</summary>
    public string Pem => ((RSA)pair).ExportSubjectPublicKeyInfoPem();

    public byte[] Modulus => ((RSA)pair).ExportParameters(false).Modulus!;

    /// <summary>Signs by an algorithm of this key's family.</summary>
    public byte[] Sign(byte[] data, string? algorithm = null)
    {
        var hash = new HashAlgorithmName("SHA" + (algorithm ?? Algorithm)[2..]);
        return pair is RSA rsa
            ? rsa.SignData(data, hash, (algorithm ?? Algorithm)[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            : ((ECDsa)pair).SignData(data, hash);
    }

    /// <summary>Whether a signature is this key's, by its own algorithm.</summary>
    public bool IsSignature(byte[] data, byte[] signature) => pair is RSA rsa
        ? rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        : ((ECDsa)pair).VerifyData(data, signature, HashAlgorithmName.SHA256);

    public JsonObject Jwk()
    {
        var jwk = new JsonObject { ["kid"] = Kid, ["use"] = "sig", ["alg"] = Algorithm };
        if (pair is RSA rsa)
        {
            var parameters = rsa.ExportParameters(false);
            (jwk["kty"], jwk["n"], jwk["e"]) = ("RSA", Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
            return jwk;
        }
        var point = ((ECDsa)pair).ExportParameters(false).Q;
        (jwk["kty"], jwk["crv"], jwk["x"], jwk["y"]) = ("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        return jwk;
    }

    static ForgedKey Made(string kid, Func<ForgedKey> make) => Stock.GetOrAdd(kid, _ => new(make)).Value;
}
