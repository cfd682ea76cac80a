using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// What slows the guessing of passwords down (security.md C8): a lock per account, and quotas of failures per address, per
/// pool and per password (one password tried on many accounts). All of it is in the database, so neither a restart nor
/// a second node forgets, and a user who does not exist is throttled like one who does.
/// </summary>
public sealed class PasswordThrottle(Database database, ThrottleStore throttles, SignInOptions options)
{
    static readonly TimeSpan AddressWindow = TimeSpan.FromMinutes(15);
    static readonly TimeSpan PasswordWindow = TimeSpan.FromHours(1);
    static readonly TimeSpan PoolWindow = TimeSpan.FromMinutes(1);

    // Guesses at one account are evaluated one after the other, so that a burst cannot pass the lock before the first failure is counted.
    readonly SemaphoreSlim[] accounts = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Evaluates a password under all throttles.</summary>
    /// <param name="attempt">What is tried.</param>
    /// <param name="verify">Whether the password is right; it must take the same time for a user who does not exist.</param>
    /// <param name="cancel">Cancels the wait, not the counting.</param>
    public async Task<bool> Evaluate(PasswordAttempt attempt, Func<Task<bool>> verify, CancellationToken cancel)
    {
        var gate = accounts[(uint)StringComparer.Ordinal.GetHashCode(attempt.Account) % accounts.Length];
        await gate.WaitAsync(cancel);
        try
        {
            if (await throttles.IsLocked(attempt.Account, cancel)) throw new RefusedException(Refusal.LockedOut);
            if ((attempt.OfAddress is { } address && await throttles.Used(address, cancel) >= options.FailuresPerAddress)
                || (attempt.OfPassword is { } password && await throttles.Used(password, cancel) >= options.FailuresPerPassword)
                || await throttles.Used(attempt.OfPool, cancel) >= options.FailuresPerPool)
                throw new RefusedException(Refusal.LockedOut);

            if (await verify())
            {
                if (await throttles.Used(attempt.Account, CancellationToken.None) > 0)
                    await database.Write(tx => throttles.Clear(tx, attempt.Account));
                return true;
            }
            await database.Write(async tx =>
            {
                await throttles.Fail(tx, attempt.Account);
                if (attempt.OfAddress is { } from) await throttles.Take(tx, from, options.FailuresPerAddress, AddressWindow);
                if (attempt.OfPassword is { } tried) await throttles.Take(tx, tried, options.FailuresPerPassword, PasswordWindow);
                await throttles.Take(tx, attempt.OfPool, options.FailuresPerPool, PoolWindow);
            });
            return false;
        }
        finally
        {
            gate.Release();
        }
    }
}

/// <summary>One try of a password, as the throttles name it. The names are hashed with a key before they are stored.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="Name">The user's sub, or the folded name that was typed if there is no such user.</param>
/// <param name="Password">The password that is tried; null where it does not travel.</param>
/// <param name="Address">Where the call comes from, or null.</param>
public sealed record PasswordAttempt(string PoolId, string Name, string? Password, IPAddress? Address)
{
    /// <summary>The account.</summary>
    public string Account => $"password/{PoolId}/{Folding.Fold(Name)}";

    /// <summary>The failures from this address; null if it is not known, since callers without one are not one caller.</summary>
    public string? OfAddress => Address is null ? null : $"password-address/{Network(Address)}";

    /// <summary>The failures of this password in this pool; null if it is not known.</summary>
    public string? OfPassword => Password is null ? null : $"password-value/{PoolId}/{Password}";

    /// <summary>The failures in this pool.</summary>
    public string OfPool => $"password-pool/{PoolId}";

    // One customer of an IPv6 network has a /64 at least.
    static string Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
