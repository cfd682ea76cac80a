using System.Data.Common;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>The devices of users. A device's verifier is sealed, as a password's is.</summary>
public sealed class DeviceStore(Database database, Sealing sealing)
{
    const string Purpose = "device-verifier";
    const string Columns =
        "key, pool_id, user_sub, group_key, name, salt, verifier, remembered, last_ip, created_at, modified_at, authenticated_at";

    /// <summary>A device of a user, or null.</summary>
    public Task<Device?> Find(string poolId, string sub, string key, CancellationToken cancel) => database.One(
        $"select {Columns} from devices where key = @key and pool_id = @pool and user_sub = @sub", Read, cancel,
        ("key", key), ("pool", poolId), ("sub", sub));

    /// <summary>A page of the devices of a user, in the order of their keys.</summary>
    public Task<List<Device>> List(string poolId, string sub, string after, int limit, CancellationToken cancel) => database.Many(
        $"select {Columns} from devices where pool_id = @pool and user_sub = @sub and key > @after order by key limit @limit", Read, cancel,
        ("pool", poolId), ("sub", sub), ("after", after), ("limit", (long)limit));

    /// <summary>Adds a device that a user has just signed in from.</summary>
    public static Task Insert(Tx tx, Device device) => tx.Execute(
        $"""
        insert into devices ({Columns}) values
        (@key, @pool, @sub, @group, null, null, null, false, @ip, @now, @now, @now)
        """,
        ("key", device.Key), ("pool", device.PoolId), ("sub", device.UserSub), ("group", device.GroupKey), ("ip", device.LastIp), ("now", device.CreatedAt));

    /// <summary>Gives a device its verifier; false if it has one already, or is gone.</summary>
    public async Task<bool> Confirm(Tx tx, Device device, byte[] salt, byte[] verifier, string? name, bool remembered) => await tx.Execute(
        """
        update devices set salt = @salt, verifier = @verifier, name = @name, remembered = @remembered, modified_at = @now
         where key = @key and pool_id = @pool and user_sub = @sub and verifier is null
        """,
        ("salt", salt), ("verifier", sealing.Seal(Purpose, device.Key, verifier)), ("name", name), ("remembered", remembered), ("now", tx.Now),
        ("key", device.Key), ("pool", device.PoolId), ("sub", device.UserSub)) == 1;

    /// <summary>The verifier of a confirmed device.</summary>
    public byte[]? Verifier(Device device) => device.Verifier is { } stored ? sealing.Open(Purpose, device.Key, stored) : null;

    /// <summary>Remembers a device or no longer; false if it is gone.</summary>
    public static async Task<bool> Remember(Tx tx, string poolId, string sub, string key, bool remembered) => await tx.Execute(
        "update devices set remembered = @remembered, modified_at = @now where key = @key and pool_id = @pool and user_sub = @sub",
        ("remembered", remembered), ("now", tx.Now), ("key", key), ("pool", poolId), ("sub", sub)) == 1;

    /// <summary>Notes that a user has signed in from a device.</summary>
    public static Task Seen(Tx tx, string key, string? address) => tx.Execute(
        "update devices set authenticated_at = @now, last_ip = coalesce(cast(@ip as text), last_ip) where key = @key", ("now", tx.Now), ("ip", address), ("key", key));

    /// <summary>Forgets a device; false if there is none.</summary>
    public static async Task<bool> Forget(Tx tx, string poolId, string sub, string key) => await tx.Execute(
        "delete from devices where key = @key and pool_id = @pool and user_sub = @sub", ("key", key), ("pool", poolId), ("sub", sub)) == 1;

    static Device Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.BytesOrNull(5), row.BytesOrNull(6), row.GetBoolean(7),
        row.TextOrNull(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11));
}
