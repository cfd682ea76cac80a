using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Trials.Simulation;

/// <summary>What is built wrong on purpose; the model has to notice each.</summary>
enum Sabotage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The generation is read, compared, and set by another transaction.</summary>
    CheckThenSet,

    /// <summary>The feed tells what wake-ups say, in place of what the table says.</summary>
    NotifyAsData,

    /// <summary>A guard that starts anew goes on from its position, without what it had heard.</summary>
    ForgetfulGuard,

    /// <summary>The number of a feed entry is handed out before the commit of the entry.</summary>
    PlainSequence,
}

/// <summary>See <see cref="Sabotage.CheckThenSet"/>.</summary>
sealed class NaiveRotation(Database database, SessionStore sessions, Realm realm)
{
    public async Task<Reply> Redeem(string token)
    {
        if (!RefreshTokens.TryRead(token, out var presented)) return new(Refused: Refusal.RefreshTokenInvalid);
        var held = await sessions.Find(presented.Family, default);
        if (held is null || held.RevokedAt is not null) return new(Refused: Refusal.RefreshTokenRevoked);
        var inGrace = held.Generation == presented.Generation + 1 && database.Now < held.RotatedAt + 1000 * Realm.GraceSeconds;
        if (held.Generation != presented.Generation && !inGrace) return new(Refused: Refusal.RefreshTokenInvalid);
        await database.Write(tx => tx.Execute("update sessions set generation = @next, rotated_at = @now where id = @id",
            ("next", presented.Generation + 1), ("now", tx.Now), ("id", held.Id)));
        return new(new TokenSet("", 0, null, new RefreshTokens(realm.Master).Derive(held, presented.Generation + 1)));
    }
}

/// <summary>See <see cref="Sabotage.PlainSequence"/>.</summary>
sealed class PlainSequence(Database database, SessionStore sessions)
{
    public async Task Revoke(string pool, string token)
    {
        RefreshTokens.TryRead(token, out var presented);
        if (await sessions.Find(presented.Family, default) is not { RevokedAt: null } held) return;
        var seq = await database.Write(tx => tx.One(
            "insert into revocation_heads (pool_id, seq) values (@pool, 1) on conflict (pool_id) do update set seq = revocation_heads.seq + 1 returning seq",
            row => row.GetInt64(0), ("pool", pool)));
        await database.Write(async tx =>
        {
            await tx.Execute("update sessions set revoked_at = @now, end_reason = 0 where id = @id", ("now", tx.Now), ("id", held.Id));
            await tx.Execute("insert into revocations (pool_id, seq, kind, value, at, keep_until) values (@pool, @seq, @kind, @value, @now, @keep)",
                ("pool", pool), ("seq", seq), ("kind", (long)RevocationKind.Session), ("value", held.Id), ("now", tx.Now), ("keep", tx.Now + 900_000));
        });
    }
}
