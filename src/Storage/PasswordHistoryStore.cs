namespace Poolhouse.Storage;

/// <summary>The hashes of passwords that users had before: as many as their pool forbids to use again, and no more.</summary>
public sealed class PasswordHistoryStore(Database database)
{
    /// <summary>The hashes of a user's last passwords, the newest first; the password in use is not among them.</summary>
    public Task<List<string>> Last(string poolId, string sub, int count, CancellationToken cancel) => database.Many(
        "select hash from password_history where pool_id = @pool and sub = @sub order by at desc limit @count",
        row => row.GetString(0), cancel, ("pool", poolId), ("sub", sub), ("count", (long)count));

    /// <summary>Adds the password that was just replaced, of a user whose row is locked, and forgets those past the number to keep.</summary>
    public static async Task Add(Tx tx, string poolId, string sub, string hash, int keep)
    {
        if (keep > 0)
        {
            var newest = await tx.One("select max(at) from password_history where pool_id = @pool and sub = @sub", row => row.LongOrNull(0), ("pool", poolId), ("sub", sub));
            await tx.Execute(
                "insert into password_history (pool_id, sub, at, hash) values (@pool, @sub, @at, @hash)",
                ("pool", poolId), ("sub", sub), ("at", Math.Max(tx.Now, (newest ?? 0) + 1)), ("hash", hash));
        }
        await tx.Execute(
            """
            delete from password_history where pool_id = @pool and sub = @sub and at not in
                (select at from password_history where pool_id = @pool and sub = @sub order by at desc limit @keep)
            """,
            ("pool", poolId), ("sub", sub), ("keep", (long)keep));
    }
}
