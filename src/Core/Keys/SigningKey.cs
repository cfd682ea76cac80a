using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Poolhouse.Core.Keys;

/// <summary>Which tokens a key signs. A pool has one key for each use, so that an ID token can never pass for an access token by its key.</summary>
public enum KeyUse
{
    /// <summary>ID tokens.</summary>
    Id,

    /// <summary>Access tokens.</summary>
    Access,
}

/// <summary>An RS256 signing key of a pool: its public members as JWKS shows them, and the private key behind <see cref="Sign"/>.</summary>
public sealed class SigningKey
{
    // RSA objects promise no thread safety, and importing one costs more than signing: a few are kept and lent out.
    readonly ConcurrentBag<RSA> idle = [];
    readonly byte[] pkcs8;

    SigningKey(string kid, KeyUse use, byte[] pkcs8, RSA rsa)
    {
        (Kid, Use, this.pkcs8) = (kid, use, pkcs8);
        var parameters = rsa.ExportParameters(false);
        Modulus = Base64Url.EncodeToString(parameters.Modulus);
        Exponent = Base64Url.EncodeToString(parameters.Exponent);
        Header = Base64Url.EncodeToUtf8(Encoding.ASCII.GetBytes($$"""{"kid":"{{kid}}","alg":"RS256"}"""));
        idle.Add(rsa);
    }

    /// <summary>Standard base64 of 32 random bytes, as Cognito's are.</summary>
    public string Kid { get; }

    /// <summary>What it signs.</summary>
    public KeyUse Use { get; }

    /// <summary>The JOSE header of every token it signs, base64url: exactly kid and alg, as Cognito's.</summary>
    public byte[] Header { get; }

    /// <summary>The modulus, base64url.</summary>
    public string Modulus { get; }

    /// <summary>The public exponent, base64url.</summary>
    public string Exponent { get; }

    /// <summary>Makes a new RSA-2048 key; this takes about 0.15 s of one core.</summary>
    public static SigningKey Create(KeyUse use)
    {
        var rsa = RSA.Create(2048);
        return new(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), use, rsa.ExportPkcs8PrivateKey(), rsa);
    }

    /// <summary>Reads a stored key.</summary>
    public static SigningKey Import(string kid, KeyUse use, byte[] pkcs8) => new(kid, use, pkcs8, Load(pkcs8));

    /// <summary>The private key, to be sealed.</summary>
    public ReadOnlySpan<byte> Export() => pkcs8;

    /// <summary>Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RS256).</summary>
    public int Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        var rsa = Rent();
        try
        {
            return rsa.SignData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            idle.Add(rsa);
        }
    }

    /// <summary>Whether a signature is this key's.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var rsa = Rent();
        try
        {
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            idle.Add(rsa);
        }
    }

    /// <summary>A self-signed X.509 certificate over the public key, in DER. It is the same each time: its number comes from the key and its signature has no randomness.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="from">When the key was made.</param>
    /// <param name="until">The end.</param>
    public byte[] Certificate(string name, DateTimeOffset from, DateTimeOffset until)
    {
        var rsa = Rent();
        try
        {
            var subject = new X500DistinguishedName($"CN={name}");
            var request = new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
            var number = SHA256.HashData(rsa.ExportSubjectPublicKeyInfo()).AsSpan(0, 16);
            // A number is positive, and has no zero byte in front (RFC 5280 §4.1.2.2).
            number[0] = (byte)((number[0] & 0x7F) | 0x40);
            using var made = request.Create(subject, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1), from, until, number);
            return made.RawData;
        }
        finally
        {
            idle.Add(rsa);
        }
    }

    RSA Rent() => idle.TryTake(out var rsa) ? rsa : Load(pkcs8);

    static RSA Load(byte[] pkcs8)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        return rsa;
    }
}
