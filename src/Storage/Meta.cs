namespace Poolhouse.Storage;

/// <summary>Single values that belong to the database as a whole, such as its epoch and the check values of keys.</summary>
public sealed class Meta(Database database)
{
    public Task<string?> Get(string key, CancellationToken cancel) =>
        database.One("select value from meta where key = @key", r => r.GetString(0), cancel, ("key", key));

    public static Task<string?> Read(Tx tx, string key) => tx.One("select value from meta where key = @key", r => r.GetString(0), ("key", key));

    /// <summary>Sets a value that has none yet; returns what stands there then, which on a race is the other's.</summary>
    public static async Task<string> InsertOrRead(Tx tx, string key, string value)
    {
        await tx.Execute("insert into meta (key, value) values (@key, @value) on conflict do nothing", ("key", key), ("value", value));
        return (await tx.One("select value from meta where key = @key", r => r.GetString(0), ("key", key)))!;
    }

    public static Task Set(Tx tx, string key, string value) =>
        tx.Execute("insert into meta (key, value) values (@key, @value) on conflict (key) do update set value = excluded.value",
            ("key", key), ("value", value));
}
