using System.Security.Cryptography;

namespace Poolhouse.Core;

/// <summary>The one factory of identifiers and random values; every one comes from the operating system's generator.</summary>
public static class Ids
{
    const string LowerAlphanumeric = "0123456789abcdefghijklmnopqrstuvwxyz";
    const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A random (version 4) UUID in lower case: subs, session ids, authorization codes, jti, request ids.</summary>
    public static string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return Uuid(bytes);
    }

    /// <summary>A version 4 UUID of 16 bytes that are as good as random; what says so is written into them.</summary>
    public static string Uuid(Span<byte> bytes)
    {
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>A pool id in Cognito's form: region, underscore, nine letters and digits.</summary>
    public static string PoolId(string region) => $"{region}_{RandomNumberGenerator.GetString(Alphanumeric, 9)}";

    /// <summary>An app client id in Cognito's form: 26 lower-case letters and digits.</summary>
    public static string ClientId() => RandomNumberGenerator.GetString(LowerAlphanumeric, 26);

    /// <summary>A client secret in Cognito's form: 51 lower-case letters and digits (about 260 bits).</summary>
    public static string ClientSecret() => RandomNumberGenerator.GetString(LowerAlphanumeric, 51);

    /// <summary>An access key id in AWS's form: AKIA and 16 upper-case letters and digits of base 32.</summary>
    public static string AccessKeyId() => "AKIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);

    /// <summary>An access key secret: 40 letters and digits (about 238 bits).</summary>
    public static string AccessKeySecret() => RandomNumberGenerator.GetString(Alphanumeric, 40);

    /// <summary>A bearer value of 256 random bits, 43 letters and digits: challenge handles, cookies.</summary>
    // Not base64url: the AWS CLI takes a Session that begins with a hyphen for an option.
    public static string Handle() => RandomNumberGenerator.GetString(Alphanumeric, 43);

    /// <summary>A code that a person types: six digits.</summary>
    public static string Code() => RandomNumberGenerator.GetString("0123456789", 6);
}
