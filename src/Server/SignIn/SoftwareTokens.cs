using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Setting up an authenticator app: by a user who is signed in, or in the middle of a sign-in that demands one.</summary>
public sealed class SoftwareTokens(
    Database database, AccessTokenCheck check, FactorStore factors, ThrottleStore throttles, MfaChoice choice, Challenges challenges)
{
    /// <summary>A secret for a signed-in user; it waits beside the one in use until the app has shown a code.</summary>
    public async Task<byte[]> Offer(string accessToken, CancellationToken cancel)
    {
        var token = await check.OfUser(accessToken, Session.ApiScope, cancel);
        if (!token.Pool.AllowsFactor(Factor.Totp)) throw new RefusedException(Refusal.SoftwareTokenOff);
        var secret = Totp.NewSecret();
        await database.Write(tx => factors.Offer(tx, token.Pool.Id, token.User!.Sub, secret));
        return secret;
    }

    /// <summary>A secret in the middle of a sign-in, and the challenge that goes on from here.</summary>
    public async Task<(byte[] Secret, string? Session)> Offer(string session, IPAddress? address, CancellationToken cancel) =>
        await choice.Associate(await challenges.AttemptOf(session, address, cancel), session, cancel);

    /// <summary>Takes a signed-in user's first code; null, since there is no sign-in that goes on.</summary>
    public async Task<string?> Verify(string accessToken, string code, string? name, CancellationToken cancel)
    {
        var token = await check.OfUser(accessToken, Session.ApiScope, cancel);
        var (pool, sub) = (token.Pool, token.User!.Sub);
        if (!pool.AllowsFactor(Factor.Totp)) throw new RefusedException(Refusal.SoftwareTokenOff);
        var account = $"second-factor/{pool.Id}/{sub}";
        if (await throttles.IsLocked(account, cancel)) throw new RefusedException(Refusal.LockedOut);
        var secret = await factors.Secret(pool.Id, sub, unverified: true, cancel) ?? throw new RefusedException(Refusal.SoftwareTokenMissing);
        var right = await database.Write(async tx =>
        {
            if (Totp.StepOf(secret, code, tx.Now) is not { } step)
            {
                await throttles.Fail(tx, account);
                return false;
            }
            await factors.Verify(tx, pool.Id, sub, secret, name, step);
            return true;
        });
        return right ? null : throw new RefusedException(Refusal.SoftwareTokenMismatch);
    }

    /// <summary>Takes the first code in the middle of a sign-in; the challenge that goes on from here.</summary>
    public async Task<string?> Verify(string session, string code, string? name, IPAddress? address, CancellationToken cancel) =>
        await choice.Verify(await challenges.AttemptOf(session, address, cancel), session, code, name, cancel);
}
