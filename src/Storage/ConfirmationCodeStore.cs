using System.Security.Cryptography;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>What a six-digit code is for. A user has at most one live code of each purpose.</summary>
public enum CodePurpose
{
    /// <summary>Confirms a sign-up.</summary>
    SignUp,

    /// <summary>Resets a password.</summary>
    PasswordReset,

    /// <summary>Proves an e-mail address.</summary>
    Email,

    /// <summary>Proves a phone number.</summary>
    PhoneNumber,
}

/// <summary>How a try of a code ended.</summary>
public enum CodeTry
{
    /// <summary>It was right and is now spent.</summary>
    Right,

    /// <summary>It was wrong, and the try has been counted.</summary>
    Wrong,

    /// <summary>There is no live code, or it is out of tries or of time.</summary>
    Expired,
}

/// <summary>Codes that people type: six digits have few possibilities, so every try is counted in the transaction that evaluates it.</summary>
public sealed class ConfirmationCodeStore(Database database, MasterKey master)
{
    /// <summary>How often a code may be tried.</summary>
    public const int MaxTries = 5;

    /// <summary>Makes a code, which replaces the user's last one of this purpose.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="poolId">The pool.</param>
    /// <param name="sub">The user.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="to">Where it is sent, which a right code proves; null if it only seems to be sent.</param>
    /// <param name="lifetime">How long it lives.</param>
    public async Task<string> Issue(Tx tx, string poolId, string sub, CodePurpose purpose, Destination? to, TimeSpan lifetime)
    {
        var code = Ids.Code();
        await tx.Execute(
            """
            insert into confirmation_codes (pool_id, sub, purpose, hash, target, value, tries, ends_at)
            values (@pool, @sub, @purpose, @hash, @target, @value, 0, @endsAt)
            on conflict (pool_id, sub, purpose) do update set hash = @hash, target = @target, value = @value, tries = 0, ends_at = @endsAt
            """,
            ("pool", poolId), ("sub", sub), ("purpose", purpose.ToString()), ("hash", Hash(poolId, sub, purpose, code)), ("target", to?.Attribute),
            ("value", to?.Address), ("endsAt", tx.Now + lifetime.Ms()));
        return code;
    }

    /// <summary>Tries a code: counts the try first, by one conditional update, so that racing guesses cannot exceed the limit; a right one spends it.</summary>
    /// <returns>How it ended and, if it was right, where it was sent.</returns>
    public async Task<(CodeTry Result, Destination? SentTo)> Try(Tx tx, string poolId, string sub, CodePurpose purpose, string code)
    {
        var stored = await tx.One(
            """
            update confirmation_codes set tries = tries + 1
             where pool_id = @pool and sub = @sub and purpose = @purpose and tries < @max and ends_at > @now returning hash, target, value
            """,
            row => (Hash: row.GetFieldValue<byte[]>(0), SentTo: row.TextOrNull(1) is { } name && row.TextOrNull(2) is { } value ? new Destination(name, value) : null),
            ("pool", poolId), ("sub", sub), ("purpose", purpose.ToString()), ("max", (long)MaxTries), ("now", tx.Now));
        if (stored.Hash is null) return (CodeTry.Expired, null);
        if (!CryptographicOperations.FixedTimeEquals(stored.Hash, Hash(poolId, sub, purpose, code))) return (CodeTry.Wrong, null);

        await tx.Execute(
            "delete from confirmation_codes where pool_id = @pool and sub = @sub and purpose = @purpose",
            ("pool", poolId), ("sub", sub), ("purpose", purpose.ToString()));
        return (CodeTry.Right, stored.SentTo);
    }

    /// <summary>The address or number that a live code went to, or null.</summary>
    public Task<string?> SentTo(string poolId, string sub, CodePurpose purpose, CancellationToken cancel) => database.One(
        "select value from confirmation_codes where pool_id = @pool and sub = @sub and purpose = @purpose and ends_at > @now",
        row => row.TextOrNull(0), cancel, ("pool", poolId), ("sub", sub), ("purpose", purpose.ToString()), ("now", database.Now));

    /// <summary>Ends the codes that went to an address or number which is the user's no more.</summary>
    public static Task EndSentTo(Tx tx, string poolId, string sub, string target) => tx.Execute(
        "delete from confirmation_codes where pool_id = @pool and sub = @sub and target = @target", ("pool", poolId), ("sub", sub), ("target", target));

    byte[] Hash(string poolId, string sub, CodePurpose purpose, string code) => master.Hash("confirmation-code", $"{poolId}/{sub}/{purpose}/{code}");
}
