using System.Data.Common;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>What users have set up beside their passwords. Secrets of authenticator apps are sealed, and each of their codes is taken once.</summary>
public sealed class FactorStore(Database database, Sealing sealing)
{
    const string Purpose = "totp-secret";
    const string Columns = "sms, email, totp, totp_secret is not null, totp_name, preferred";

    /// <summary>The factors of a user.</summary>
    public async Task<UserFactors> Get(string poolId, string sub, CancellationToken cancel) => await database.One(
        $"select {Columns} from user_factors where pool_id = @pool and sub = @sub", Read, cancel, ("pool", poolId), ("sub", sub)) ?? UserFactors.None;

    /// <summary>The factors of a user whose row is locked.</summary>
    public static async Task<UserFactors> Get(Tx tx, string poolId, string sub) => await tx.One(
        $"select {Columns} from user_factors where pool_id = @pool and sub = @sub", Read, ("pool", poolId), ("sub", sub)) ?? UserFactors.None;

    /// <summary>Turns factors on and off; the authenticator app's secret stays where it is.</summary>
    public static Task Set(Tx tx, string poolId, string sub, UserFactors factors) => tx.Execute(
        """
        insert into user_factors (pool_id, sub, sms, email, totp, preferred, totp_step) values (@pool, @sub, @sms, @email, @totp, @preferred, 0)
        on conflict (pool_id, sub) do update set sms = @sms, email = @email, totp = @totp, preferred = @preferred
        """,
        ("pool", poolId), ("sub", sub), ("sms", factors.Sms), ("email", factors.Email), ("totp", factors.Totp), ("preferred", factors.Preferred));

    /// <summary>The secret of the user's authenticator app: the one in use, or the one that has not shown a right code yet.</summary>
    public async Task<byte[]?> Secret(string poolId, string sub, bool unverified, CancellationToken cancel)
    {
        var stored = await database.One(
            $"select {(unverified ? "totp_new" : "totp_secret")} from user_factors where pool_id = @pool and sub = @sub",
            row => row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0), cancel, ("pool", poolId), ("sub", sub));
        return stored is null ? null : sealing.Open(Purpose, $"{poolId}/{sub}", stored);
    }

    /// <summary>Keeps a new secret beside the one in use until an app has shown a right code; one that waited there is replaced.</summary>
    public Task Offer(Tx tx, string poolId, string sub, byte[] secret) => tx.Execute(
        """
        insert into user_factors (pool_id, sub, sms, email, totp, totp_new, totp_step) values (@pool, @sub, false, false, false, @secret, 0)
        on conflict (pool_id, sub) do update set totp_new = @secret
        """,
        ("pool", poolId), ("sub", sub), ("secret", sealing.Seal(Purpose, $"{poolId}/{sub}", secret)));

    /// <summary>Puts a secret into use whose app has shown a right code, and spends that code.</summary>
    public Task Verify(Tx tx, string poolId, string sub, byte[] secret, string? name, long step) => tx.Execute(
        """
        insert into user_factors (pool_id, sub, sms, email, totp, totp_secret, totp_name, totp_step) values (@pool, @sub, false, false, false, @secret, @name, @step)
        on conflict (pool_id, sub) do update set totp_secret = @secret, totp_new = null, totp_name = @name, totp_step = @step
        """,
        ("pool", poolId), ("sub", sub), ("secret", sealing.Seal(Purpose, $"{poolId}/{sub}", secret)), ("name", name), ("step", step));

    /// <summary>Spends the code of a step; false if it, or a later one, was spent before (RFC 6238 §5.2).</summary>
    public static async Task<bool> Spend(Tx tx, string poolId, string sub, long step) => await tx.Execute(
        "update user_factors set totp_step = @step where pool_id = @pool and sub = @sub and totp_step < @step",
        ("pool", poolId), ("sub", sub), ("step", step)) == 1;

    static UserFactors Read(DbDataReader row) => new(
        row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.TextOrNull(4), row.TextOrNull(5));
}
