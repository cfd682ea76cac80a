using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>The client's half of SRP, as the SDKs compute it.</summary>
public sealed class SrpClient
{
    const string Timestamp = "Tue May 7 00:09:40 UTC 2024";

    static readonly BigInteger K = Hash(Srp.Pad(Srp.N), Srp.Pad(2));

    readonly BigInteger a = Srp.Number(RandomNumberGenerator.GetBytes(128));

    /// <summary>The public value.</summary>
    public string A => Srp.Hex(BigInteger.ModPow(2, a, Srp.N));

    /// <summary>The answer to PASSWORD_VERIFIER.</summary>
    public (string Name, string? Value)[] Answer(string poolId, JsonNode challenge, string password)
    {
        var given = challenge["ChallengeParameters"]!;
        return
        [
            ("USERNAME", (string)given["USERNAME"]!),
            .. Claim(given, poolId[(poolId.IndexOf('_', StringComparison.Ordinal) + 1)..], (string)given["USER_ID_FOR_SRP"]!, password),
        ];
    }

    /// <summary>The answer to DEVICE_PASSWORD_VERIFIER.</summary>
    public (string Name, string? Value)[] Answer(string groupKey, string deviceKey, JsonNode challenge, string password)
    {
        var given = challenge["ChallengeParameters"]!;
        return [("USERNAME", (string)given["USERNAME"]!), ("DEVICE_KEY", deviceKey), .. Claim(given, groupKey, deviceKey, password)];
    }

    IEnumerable<(string, string?)> Claim(JsonNode given, string group, string name, string password)
    {
        var (salt, b) = (Number(given["SALT"]), Number(given["SRP_B"]));
        var x = Hash(Srp.Pad(salt), SHA256.HashData(Encoding.UTF8.GetBytes($"{group}{name}:{password}")));
        var u = Hash(Srp.Pad(Number(A)), Srp.Pad(b));
        var own = (b - K * BigInteger.ModPow(2, x, Srp.N)) % Srp.N;
        var shared = BigInteger.ModPow(own < 0 ? own + Srp.N : own, a + u * x, Srp.N);
        var secret = HMACSHA256.HashData(Srp.Pad(u), Srp.Pad(shared));
        var key = HMACSHA256.HashData(secret, (byte[])[.. Encoding.UTF8.GetBytes("Caldera Derived Key"), 1])[..16];
        var block = (string)given["SECRET_BLOCK"]!;
        byte[] message = [.. Encoding.UTF8.GetBytes(group + name), .. Convert.FromBase64String(block), .. Encoding.UTF8.GetBytes(Timestamp)];
        return [("PASSWORD_CLAIM_SECRET_BLOCK", block), ("TIMESTAMP", Timestamp), ("PASSWORD_CLAIM_SIGNATURE", Convert.ToBase64String(HMACSHA256.HashData(key, message.AsSpan())))];
    }

    static BigInteger Number(JsonNode? hex) => Number((string)hex!);

    static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    static BigInteger Hash(params byte[][] parts) => Srp.Number(SHA256.HashData([.. parts.SelectMany(part => part)]));
}
