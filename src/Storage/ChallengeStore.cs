using System.Data.Common;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>A challenge: what the <c>Session</c> string between two steps of a sign-in stands for.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="ClientId">The client it was given to.</param>
/// <param name="UserSub">The user who must answer.</param>
/// <param name="Name">The challenge's name, for instance NEW_PASSWORD_REQUIRED.</param>
/// <param name="State">What the next step needs to know, as JSON; sealed in the database, since it can hold codes and ephemeral keys.</param>
/// <param name="EndsAt">Unix ms.</param>
/// <param name="SpentAt">When it was answered, or null.</param>
public sealed record Challenge(string PoolId, string ClientId, string UserSub, string Name, string State, long EndsAt, long? SpentAt = null);

/// <summary>Challenges: the handle is 256 random bits, the row holds its keyed hash, and an answer spends it once.</summary>
public sealed class ChallengeStore(Database database, MasterKey master, Sealing sealing)
{
    /// <summary>How often a code may be tried.</summary>
    public const int MaxTries = 5;

    const string Purpose = "challenge-state";
    const string Columns = "pool_id, client_id, user_sub, name, state, ends_at, spent_at";

    /// <summary>Finds a challenge, spent or not.</summary>
    public async Task<Challenge?> Find(string handle, CancellationToken cancel)
    {
        var hash = Hash(handle);
        var found = await database.One($"select {Columns} from challenges where hash = @hash", Read, cancel, ("hash", hash));
        return found is not null && Open(hash, found.State) is { } state ? found with { State = state } : null;
    }

    /// <summary>Stores a challenge and returns its handle.</summary>
    public async Task<string> Insert(Tx tx, Challenge challenge)
    {
        var handle = Ids.Handle();
        var hash = Hash(handle);
        var state = Convert.ToBase64String(sealing.Seal(Purpose, Convert.ToHexString(hash), challenge.State));
        await tx.Execute(
            $"insert into challenges (hash, {Columns}) values (@hash, @pool, @client, @user, @name, @state, @endsAt, null)",
            ("hash", hash), ("pool", challenge.PoolId), ("client", challenge.ClientId), ("user", challenge.UserSub),
            ("name", challenge.Name), ("state", state), ("endsAt", challenge.EndsAt));
        return handle;
    }

    /// <summary>Counts a try at a challenge's code before the code is looked at, so that racing guesses cannot exceed the limit; false if there is none left.</summary>
    public async Task<bool> Try(Tx tx, string handle) => await tx.Execute(
        "update challenges set tries = tries + 1 where hash = @hash and spent_at is null and ends_at > @now and tries < @most",
        ("hash", Hash(handle)), ("now", tx.Now), ("most", (long)MaxTries)) == 1;

    /// <summary>Spends a challenge; true for exactly one caller.</summary>
    public async Task<bool> Spend(Tx tx, string handle) => await tx.Execute(
        "update challenges set spent_at = @now where hash = @hash and spent_at is null and ends_at > @now", ("hash", Hash(handle)), ("now", tx.Now)) == 1;

    byte[] Hash(string handle) => master.Hash("challenge", handle);

    // A state that does not open was written under another key, or by a version that did not seal: its challenge is none.
    string? Open(byte[] hash, string state)
    {
        var bytes = new byte[state.Length];
        return Convert.TryFromBase64String(state, bytes, out var length) ? sealing.OpenText(Purpose, Convert.ToHexString(hash), bytes.AsSpan(0, length)) : null;
    }

    static Challenge Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.LongOrNull(6));
}
