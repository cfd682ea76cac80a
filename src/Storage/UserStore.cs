using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>How a write to a user ended.</summary>
public enum UserWrite
{
    /// <summary>Written.</summary>
    Done,

    /// <summary>The user name is taken.</summary>
    UsernameTaken,

    /// <summary>Another user holds one of the aliases.</summary>
    AliasTaken,

    /// <summary>There is no such user.</summary>
    Gone,
}

/// <summary>Users: one row each, and one row for each attribute that is looked up by value.</summary>
public sealed class UserStore(Database database)
{
    const string Columns =
        "pool_id, sub, username, status, enabled, attributes, password_hash, srp_salt, srp_verifier, password_ends_at, created_at, modified_at";

    // The standard attributes that UserSearch looks for.
    static readonly HashSet<string> Indexed = new(StringComparer.Ordinal)
        { "email", "phone_number", "name", "given_name", "family_name", "preferred_username" };

    /// <summary>Reads a user by the immutable id.</summary>
    public Task<User?> Get(string poolId, string sub, CancellationToken cancel) =>
        database.One($"select {Columns} from users where pool_id = @pool and sub = @sub", Read, cancel, ("pool", poolId), ("sub", sub));

    /// <summary>
    /// Finds a user by what a person types: the sub, else the user name, else an alias that the user holds (a verified
    /// e-mail address or number, or the preferred name). The sub comes first: a user who signs up under the sub of another
    /// must not get what an administrator means for the other.
    /// </summary>
    public Task<User?> Find(string poolId, string typed, bool caseSensitive, CancellationToken cancel) => database.One(
        $"""
        select {Columns} from users where pool_id = @pool and sub = coalesce(
            (select sub from users where pool_id = @pool and sub = @typed),
            (select sub from users where pool_id = @pool and username_key = @key),
            (select sub from user_attributes where pool_id = @pool and value = @folded and is_alias
                and name in ('email', 'phone_number', 'preferred_username') order by name limit 1))
        """,
        Read, cancel, ("pool", poolId), ("typed", typed), ("key", Folding.UsernameKey(typed, caseSensitive)), ("folded", Folding.Fold(typed)));

    /// <summary>Locks a user row and tells whether the user exists and is enabled: the first lock of every transaction about the user's sessions.</summary>
    public static async Task<bool> LockEnabled(Tx tx, string poolId, string sub) =>
        await tx.One($"select enabled from users where pool_id = @pool and sub = @sub {tx.Dialect.ForUpdate}", row => row.GetBoolean(0), ("pool", poolId), ("sub", sub));

    /// <summary>Locks and reads a user inside a transaction that is going to change it.</summary>
    public static Task<User?> Lock(Tx tx, string poolId, string sub) =>
        tx.One($"select {Columns} from users where pool_id = @pool and sub = @sub {tx.Dialect.ForUpdate}", Read, ("pool", poolId), ("sub", sub));

    /// <summary>Inserts a user with the aliases it holds from the start.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="user">The user.</param>
    /// <param name="caseSensitive">Whether user names of the pool tell upper from lower case.</param>
    /// <param name="aliases">The attribute names under which the user can be found.</param>
    /// <param name="takeAliases">Whether aliases that another user holds move to this one.</param>
    public static async Task<UserWrite> Insert(Tx tx, User user, bool caseSensitive, IReadOnlyCollection<string> aliases, bool takeAliases)
    {
        var result = UserWrite.UsernameTaken;
        await tx.AllOrNothing(async () =>
        {
            var inserted = await tx.Execute(
                $"""
                insert into users (username_key, {Columns}) values
                (@key, @pool, @sub, @username, @status, @enabled, @attributes, @hash, @salt, @verifier, @passwordEnds, @created, @modified)
                on conflict do nothing
                """,
                [("key", Folding.UsernameKey(user.Username, caseSensitive)), ("username", user.Username), ("created", user.CreatedAt), .. Values(user)]);
            if (inserted == 0) return false;
            result = await WriteAttributes(tx, user, aliases, takeAliases) ? UserWrite.Done : UserWrite.AliasTaken;
            return result == UserWrite.Done;
        });
        return result;
    }

    /// <summary>Writes everything of a user that can change; on a taken alias nothing is written.</summary>
    public static async Task<UserWrite> Update(Tx tx, User user, IReadOnlyCollection<string> aliases, bool takeAliases)
    {
        var result = UserWrite.Gone;
        await tx.AllOrNothing(async () =>
        {
            var updated = await tx.Execute(
                """
                update users set status = @status, enabled = @enabled, attributes = @attributes, password_hash = @hash, srp_salt = @salt,
                    srp_verifier = @verifier, password_ends_at = @passwordEnds, modified_at = @modified
                 where pool_id = @pool and sub = @sub
                """,
                Values(user));
            if (updated == 0) return false;
            result = await WriteAttributes(tx, user, aliases, takeAliases) ? UserWrite.Done : UserWrite.AliasTaken;
            return result == UserWrite.Done;
        });
        return result;
    }

    /// <summary>Enables or disables a user and locks the row, which a session that is being born waits for; false if there is no such user.</summary>
    public static async Task<bool> SetEnabled(Tx tx, string poolId, string sub, bool enabled) => await tx.Execute(
        "update users set enabled = @enabled, modified_at = @now where pool_id = @pool and sub = @sub",
        ("enabled", enabled), ("now", tx.Now), ("pool", poolId), ("sub", sub)) == 1;

    /// <summary>Deletes a user and all that is only theirs; sessions stay as ended rows until they are purged.</summary>
    public static async Task<bool> Delete(Tx tx, string poolId, string sub)
    {
        foreach (var table in (string[])["user_attributes", "group_members", "confirmation_codes", "user_factors", "password_history"])
            await tx.Execute($"delete from {table} where pool_id = @pool and sub = @sub", ("pool", poolId), ("sub", sub));
        foreach (var table in (string[])["authorization_codes", "challenges", "browser_sessions", "devices"])
            await tx.Execute($"delete from {table} where pool_id = @pool and user_sub = @sub", ("pool", poolId), ("sub", sub));
        return await tx.Execute("delete from users where pool_id = @pool and sub = @sub", ("pool", poolId), ("sub", sub)) == 1;
    }

    /// <summary>How many users a pool has.</summary>
    public Task<long> Count(string poolId, CancellationToken cancel) =>
        database.One("select count(*) from users where pool_id = @pool", row => row.GetInt64(0), cancel, ("pool", poolId));

    /// <summary>A page of the members of a group, in the order of their subs.</summary>
    public Task<List<User>> InGroup(string poolId, string group, string after, int limit, CancellationToken cancel) => database.Many(
        $"""
        select {Prefixed} from group_members m join users u on u.pool_id = m.pool_id and u.sub = m.sub
         where m.pool_id = @pool and m.group_name = @group and m.sub > @after order by m.sub limit @limit
        """,
        Read, cancel, ("pool", poolId), ("group", group), ("after", after), ("limit", (long)limit));

    internal static readonly string Prefixed = "u." + Columns.Replace(", ", ", u.", StringComparison.Ordinal);

    static async Task<bool> WriteAttributes(Tx tx, User user, IReadOnlyCollection<string> aliases, bool takeAliases)
    {
        await tx.Execute("delete from user_attributes where pool_id = @pool and sub = @sub", ("pool", user.PoolId), ("sub", user.Sub));
        foreach (var (name, value) in user.Attributes)
        {
            if (!Indexed.Contains(name)) continue;
            var isAlias = aliases.Contains(name);
            var folded = Folding.Fold(value);
            if (isAlias && takeAliases && user.Verified(name)) await TakeAlias(tx, user, name, folded);
            var inserted = await tx.Execute(
                "insert into user_attributes (pool_id, name, value, sub, is_alias) values (@pool, @name, @value, @sub, @alias) on conflict do nothing",
                ("pool", user.PoolId), ("name", name), ("value", folded), ("sub", user.Sub), ("alias", isAlias));
            if (inserted == 0) return false;
        }
        return true;
    }

    // A proven address or number goes to whoever proved it last. With its former holder it is unproven from then on: else
    // each later write of theirs would claim it back and be refused.
    static async Task TakeAlias(Tx tx, User user, string name, string folded)
    {
        var holder = await tx.One(
            "select sub from user_attributes where pool_id = @pool and name = @name and value = @value and is_alias and sub <> @sub",
            row => row.GetString(0), ("pool", user.PoolId), ("name", name), ("value", folded), ("sub", user.Sub));
        if (holder is null || await Lock(tx, user.PoolId, holder) is not { } other) return;
        var unproven = new Dictionary<string, string>(other.Attributes, StringComparer.Ordinal) { [name + "_verified"] = "false" };
        await tx.Execute(
            "update users set attributes = @attributes, modified_at = @now where pool_id = @pool and sub = @sub",
            ("attributes", Text(unproven)), ("now", tx.Now), ("pool", user.PoolId), ("sub", holder));
        await tx.Execute(
            "update user_attributes set is_alias = false where pool_id = @pool and sub = @sub and name = @name",
            ("pool", user.PoolId), ("sub", holder), ("name", name));
    }

    static string Text(IReadOnlyDictionary<string, string> attributes) =>
        JsonSerializer.Serialize(attributes, UserAttributesJson.Default.IReadOnlyDictionaryStringString);

    static (string, object?)[] Values(User user) =>
    [
        ("pool", user.PoolId), ("sub", user.Sub), ("status", user.Status), ("enabled", user.Enabled),
        ("attributes", Text(user.Attributes)),
        ("hash", user.Credentials?.Hash), ("salt", user.Credentials?.SrpSalt), ("verifier", user.Credentials?.SrpVerifier),
        ("passwordEnds", user.PasswordEndsAt), ("modified", user.ModifiedAt),
    ];

    internal static User Read(DbDataReader row) => Read(row, 0);

    /// <summary>A user whose columns begin at a place of the row.</summary>
    internal static User Read(DbDataReader row, int at) => new(
        row.GetString(at), row.GetString(at + 1), row.GetString(at + 2), row.GetString(at + 3), row.GetBoolean(at + 4),
        JsonSerializer.Deserialize(row.GetString(at + 5), UserAttributesJson.Default.DictionaryStringString)!,
        row.TextOrNull(at + 6) is { } hash ? new(hash, row.BytesOrNull(at + 7), row.BytesOrNull(at + 8)) : null,
        row.LongOrNull(at + 9), row.GetInt64(at + 10), row.GetInt64(at + 11));
}

/// <summary>The attribute document of a user row.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class UserAttributesJson : JsonSerializerContext;
