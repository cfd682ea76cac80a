using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Poolhouse.Core.Users;

/// <summary>Argon2id (m = 19456 KiB, t = 2, p = 1; the OWASP choice) in PHC form. A hash takes 13 ms and 19 MB.</summary>
public sealed class PasswordHasher
{
    const int MemoryKiB = 19456;
    const int Passes = 2;

    readonly PasswordBasedKeyDerivationAlgorithm argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(
        new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = MemoryKiB, NumberOfPasses = Passes });

    readonly CostlyWork costly;
    readonly string dummy;

    /// <summary>Prepares the dummy hash that unknown users are checked against.</summary>
    public PasswordHasher(CostlyWork costly)
    {
        this.costly = costly;
        dummy = Format(RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(32));
    }

    /// <summary>Hashes a password.</summary>
    public Task<string> Hash(string password, CancellationToken cancel) => costly.Run(() =>
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return Format(salt, Derive(password, salt));
    }, cancel);

    /// <summary>Whether a password is the one that was hashed. Without a hash (unknown user, no password) the same work is done and the answer is no.</summary>
    public Task<bool> Verify(string? phc, string password, CancellationToken cancel) => costly.Run(() =>
    {
        var parts = (phc ?? dummy).Split('$');
        if (parts is not ["", "argon2id", "v=19", "m=19456,t=2,p=1", var salt, var hash])
            throw new FormatException("A stored password hash has an unknown form.");
        return CryptographicOperations.FixedTimeEquals(Derive(password, Decode(salt)), Decode(hash)) && phc is not null;
    }, cancel);

    byte[] Derive(string password, byte[] salt) => argon2.DeriveBytes(Encoding.UTF8.GetBytes(password), salt, 32);

    static string Format(byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"$argon2id$v=19$m={MemoryKiB},t={Passes},p=1${Encode(salt)}${Encode(hash)}");

    static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    static byte[] Decode(string text) => Convert.FromBase64String(text + "===="[..((4 - text.Length % 4) % 4)]);
}
