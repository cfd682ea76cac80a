using System.Data.Common;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>A challenge of the JSON API: what its <c>Session</c> string stands for.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="ClientId">The client it was given to.</param>
/// <param name="UserSub">The user who must answer.</param>
/// <param name="Name">The challenge's name, for instance NEW_PASSWORD_REQUIRED.</param>
/// <param name="State">What the next step needs to know, as JSON.</param>
/// <param name="EndsAt">Unix ms.</param>
/// <param name="SpentAt">When it was answered, or null.</param>
public sealed record Challenge(string PoolId, string ClientId, string UserSub, string Name, string State, long EndsAt, long? SpentAt = null);

/// <summary>Challenges: the handle is 256 random bits, the row holds its keyed hash, and an answer spends it once.</summary>
public sealed class ChallengeStore(Database database, MasterKey master)
{
    const string Columns = "pool_id, client_id, user_sub, name, state, ends_at, spent_at";

    /// <summary>Finds a challenge, spent or not.</summary>
    public Task<Challenge?> Find(string handle, CancellationToken cancel) =>
        database.One($"select {Columns} from challenges where hash = @hash", Read, cancel, ("hash", Hash(handle)));

    /// <summary>Stores a challenge and returns its handle.</summary>
    public async Task<string> Insert(Tx tx, Challenge challenge)
    {
        var handle = Ids.Handle();
        await tx.Execute(
            $"insert into challenges (hash, {Columns}) values (@hash, @pool, @client, @user, @name, @state, @endsAt, null)",
            ("hash", Hash(handle)), ("pool", challenge.PoolId), ("client", challenge.ClientId), ("user", challenge.UserSub),
            ("name", challenge.Name), ("state", challenge.State), ("endsAt", challenge.EndsAt));
        return handle;
    }

    /// <summary>Spends a challenge; true for exactly one caller.</summary>
    public async Task<bool> Spend(Tx tx, string handle) => await tx.Execute(
        "update challenges set spent_at = @now where hash = @hash and spent_at is null and ends_at > @now", ("hash", Hash(handle)), ("now", tx.Now)) == 1;

    byte[] Hash(string handle) => master.Hash("challenge", handle);

    static Challenge Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.LongOrNull(6));
}
