using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Poolhouse.Core.Users;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// An app that signs one user in by SRP. It keeps what does not change (a, A, x, k·g^x), so that the driver has one exponentiation for the server's three.
sealed class SrpApp(PoolhousePeer peer, HttpClient http, string username, string password)
{
    const string Timestamp = "Thu Nov 26 09:00:00 UTC 2026"; // enters the signature and nothing else

    static readonly BigInteger K = Hash([.. Srp.Pad(Srp.N), .. Srp.Pad(2)]);
    static readonly BigInteger OwnSecret = Srp.Number(RandomNumberGenerator.GetBytes(32));
    static readonly string OwnPublic = Srp.Hex(BigInteger.ModPow(2, OwnSecret, Srp.N));

    volatile Kept? kept;

    public async Task SignIn()
    {
        var asked = await peer.Ask(http, peer.Call("InitiateAuth", new
        {
            peer.ClientId, AuthFlow = "USER_SRP_AUTH", AuthParameters = new { USERNAME = username, SRP_A = OwnPublic },
        }));
        var done = await peer.Ask(http, peer.Call("RespondToAuthChallenge", new
        {
            peer.ClientId, ChallengeName = "PASSWORD_VERIFIER", ChallengeResponses = Proof(asked.GetProperty("ChallengeParameters")),
        }));
        PasswordApp.MustBeTokens(done);
    }

    Dictionary<string, string> Proof(JsonElement given)
    {
        string Text(string name) => given.GetProperty(name).GetString()!;
        var (b, name, block) = (Srp.Number(Bytes(Text("SRP_B"))), Text("USER_ID_FOR_SRP"), Text("SECRET_BLOCK"));
        var (x, kv) = Keep(Text("SALT"), name);
        var u = Hash([.. Srp.Pad(Srp.Number(Bytes(OwnPublic))), .. Srp.Pad(b)]);
        var shared = BigInteger.ModPow((b - kv + Srp.N) % Srp.N, OwnSecret + u * x, Srp.N);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Srp.Pad(shared), 16, Srp.Pad(u), "Caldera Derived Key"u8.ToArray());
        byte[] message = [.. Encoding.UTF8.GetBytes(Srp.PoolName(PoolhousePeer.Pool) + name), .. Convert.FromBase64String(block), .. Encoding.UTF8.GetBytes(Timestamp)];
        return new()
        {
            ["USERNAME"] = Text("USERNAME"), ["PASSWORD_CLAIM_SECRET_BLOCK"] = block, ["TIMESTAMP"] = Timestamp,
            ["PASSWORD_CLAIM_SIGNATURE"] = Convert.ToBase64String(HMACSHA256.HashData(key, message)),
        };
    }

    Kept Keep(string salt, string name)
    {
        if (kept is { } held && held.Salt == salt) return held;
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{Srp.PoolName(PoolhousePeer.Pool)}{name}:{password}"));
        var x = Hash([.. Srp.Pad(Srp.Number(Bytes(salt))), .. identity]);
        return kept = new(salt, x, K * BigInteger.ModPow(2, x, Srp.N) % Srp.N);
    }

    static byte[] Bytes(string hex) => Convert.FromHexString(hex.Length % 2 == 0 ? hex : $"0{hex}");

    static BigInteger Hash(byte[] bytes) => Srp.Number(SHA256.HashData(bytes));

    /// What follows from the user's salt.
    sealed record Kept(string Salt, BigInteger X, BigInteger Kv)
    {
        public void Deconstruct(out BigInteger x, out BigInteger kv) => (x, kv) = (X, Kv);
    }
}
