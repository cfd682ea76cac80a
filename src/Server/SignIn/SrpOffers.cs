using System.Numerics;
using System.Text;
using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// SRP exchanges, for users and for devices. SECRET_BLOCK is the challenge's handle: what it stands for (b, user, A, client,
/// time) lies in the database, and it can be shown once.
/// </summary>
public sealed class SrpOffers(Challenges challenges, CredentialFactory credentials, CostlyWork costly, Nobody nobody)
{
    /// <summary>The challenge that asks for the proof of a password.</summary>
    public const string PasswordChallenge = "PASSWORD_VERIFIER";

    /// <summary>Offers an exchange over a user's password; user null means that there is none and it must not show.</summary>
    public async Task<SignInStep> Password(SignInAttempt attempt, User? user, BigInteger a, Progress progress, CancellationToken cancel)
    {
        var (salt, verifier) = Held(attempt.Pool, user, progress.Username);
        var exchange = await Begin(a, verifier, cancel);
        var name = challenges.NameOf(attempt.Pool, user, progress);
        return await Offer(attempt, user, PasswordChallenge, progress.Onward() with { Srp = exchange }, new()
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
        var name = challenges.NameOf(pool, user, progress);
        return await Verify(progress.Srp!, verifier, Srp.PoolName(pool.Id), name, claim, cancel) && user is not null;
    }

    /// <summary>Begins an exchange when there is a core for it.</summary>
    public Task<SrpExchange> Begin(BigInteger a, byte[] verifier, CancellationToken cancel) => costly.Run(() => Srp.Begin(a, verifier), cancel);

    /// <summary>Judges a claim when there is a core for it.</summary>
    public Task<bool> Verify(SrpExchange exchange, byte[] verifier, string group, string name, SrpClaim claim, CancellationToken cancel) =>
        costly.Run(() => Srp.Verify(exchange, verifier, group, name, claim), cancel);

    /// <summary>The handle in a claim's SECRET_BLOCK.</summary>
    public static string Handle(SrpClaim claim) => Encoding.ASCII.GetString(claim.SecretBlock);

    // Where there is no verifier (no user, no password, a pool that stores none) a made-up one takes its place.
    (byte[] Salt, byte[] Verifier) Held(UserPool pool, User? user, string typed) =>
        user is not null && credentials.SrpVerifier(user) is { } verifier ? (user.Credentials!.SrpSalt!, verifier) : nobody.Verifier(pool, user?.Username ?? typed);
}
