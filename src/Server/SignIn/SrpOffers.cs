using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// SRP exchanges, for users and for devices. SECRET_BLOCK is the challenge's handle: what it stands for (b, user, A, client,
/// time) lies in the database, and it can be shown once.
/// </summary>
public sealed class SrpOffers(Challenges challenges, CredentialFactory credentials, CostlyWork costly, MasterKey master)
{
    /// <summary>The challenge that asks for the proof of a password.</summary>
    public const string PasswordChallenge = "PASSWORD_VERIFIER";

    /// <summary>Offers an exchange over a user's password; user null means that there is none and it must not show.</summary>
    public async Task<SignInStep> Password(SignInAttempt attempt, User? user, BigInteger a, Progress progress, CancellationToken cancel)
    {
        var (salt, verifier) = Held(attempt.Pool, user, progress.Username);
        var exchange = await Begin(a, verifier, cancel);
        var name = user?.Username ?? Pretended(attempt.Pool, progress.Username);
        return await Offer(attempt, user, PasswordChallenge, progress.Onward() with { Srp = exchange, Alias = user is null ? name : null }, new()
        {
            ["SALT"] = Srp.Hex(Srp.Number(salt)), ["SRP_B"] = exchange.B, ["USERNAME"] = name, ["USER_ID_FOR_SRP"] = name,
        });
    }

    /// <summary>Gives the challenge of an exchange.</summary>
    public async Task<SignInStep> Offer(SignInAttempt attempt, User? user, string challenge, Progress progress, Dictionary<string, string> parameters)
    {
        var step = await challenges.Give(attempt, user, challenge, progress, parameters);
        parameters["SECRET_BLOCK"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(((SignInStep.Asked)step).Session));
        return step;
    }

    /// <summary>Whether a claim proves a user's password; never for nobody, and for the same work.</summary>
    public async Task<bool> Verify(UserPool pool, User? user, Progress progress, SrpClaim claim, CancellationToken cancel)
    {
        var (_, verifier) = Held(pool, user, progress.Username);
        var name = user?.Username ?? Pretended(pool, progress.Username);
        return await Verify(progress.Srp!, verifier, Srp.PoolName(pool.Id), name, claim, cancel) && user is not null;
    }

    /// <summary>Begins an exchange when there is a core for it.</summary>
    public Task<SrpExchange> Begin(BigInteger a, byte[] verifier, CancellationToken cancel) => costly.Run(() => Srp.Begin(a, verifier), cancel);

    /// <summary>Judges a claim when there is a core for it.</summary>
    public Task<bool> Verify(SrpExchange exchange, byte[] verifier, string group, string name, SrpClaim claim, CancellationToken cancel) =>
        costly.Run(() => Srp.Verify(exchange, verifier, group, name, claim), cancel);

    /// <summary>The handle in a claim's SECRET_BLOCK.</summary>
    public static string Handle(SrpClaim claim) => Encoding.ASCII.GetString(claim.SecretBlock);

    // Where there is no verifier (no user, no password, a pool that stores none) a made-up one takes its place. It is not computed
    // from a password, so nobody can know one that fits it.
    (byte[] Salt, byte[] Verifier) Held(UserPool pool, User? user, string typed)
    {
        if (user is not null && credentials.SrpVerifier(user) is { } verifier) return (user.Credentials!.SrpSalt!, verifier);
        var whose = $"{pool.Id}/{user?.Username ?? Folding.Fold(typed)}";
        var unknown = HKDF.Expand(HashAlgorithmName.SHA256, master.Hash("srp-nobody", whose), 384);
        return (master.Hash("srp-nobody-salt", whose)[..16], (Srp.Number(unknown) % Srp.N).ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    // Users of e-mail and phone pools have UUIDs for names, and so has somebody who is found by an alias.
    string Pretended(UserPool pool, string typed)
    {
        var named = pool.UsernameAttributes.Count > 0
            || (pool.AliasAttributes.Contains("email") && Aliases.IsEmail(typed)) || (pool.AliasAttributes.Contains("phone_number") && Aliases.IsPhone(typed));
        if (!named) return pool.CaseSensitive ? typed : Folding.Fold(typed);
        var bytes = master.Hash("srp-nobody-name", $"{pool.Id}/{Folding.Fold(typed)}").AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
