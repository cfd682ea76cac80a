using System.Security.Cryptography;
using Poolhouse.Core.Keys;

namespace Poolhouse.Core.Users;

/// <summary>Makes what is stored of a password: the Argon2id hash and the sealed SRP verifier.</summary>
public sealed class CredentialFactory(PasswordHasher hasher, Sealing sealing, CostlyWork costly)
{
    const string Purpose = "srp-verifier";

    /// <summary>Makes the credentials of a password. Takes about 20 ms of one core; never call it inside a transaction.</summary>
    public async Task<Credentials> Create(string poolId, string sub, string username, string password, bool srp, CancellationToken cancel)
    {
        var hash = await hasher.Hash(password, cancel);
        if (!srp) return new(hash, null, null);

        var salt = RandomNumberGenerator.GetBytes(16);
        var verifier = await costly.Run(() => Srp.Verifier(Srp.PoolName(poolId), username, password, salt), cancel);
        // An SRP verifier is as cheap to guess from as a plain SHA-256 of the password: a copy of the database must not hold it in clear.
        return new(hash, salt, sealing.Seal(Purpose, $"{poolId}/{sub}", verifier));
    }

    /// <summary>The SRP verifier of a user, or null if none is stored.</summary>
    public byte[]? SrpVerifier(User user) => user.Credentials?.SrpVerifier is { } stored ? sealing.Open(Purpose, $"{user.PoolId}/{user.Sub}", stored) : null;

    /// <summary>Whether a password is a user's; costs the same without a user or a password.</summary>
    public Task<bool> Verify(User? user, string password, CancellationToken cancel) => hasher.Verify(user?.Credentials?.Hash, password, cancel);

    /// <summary>Whether a password is the one that was hashed.</summary>
    public Task<bool> Verify(string hash, string password, CancellationToken cancel) => hasher.Verify(hash, password, cancel);
}
