using System.Data.Common;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>A group of a pool.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="Name">Unique in the pool.</param>
/// <param name="Description">What it is for, or null.</param>
/// <param name="RoleArn">The role that <c>cognito:roles</c> names, or null.</param>
/// <param name="Precedence">Lower wins, or null.</param>
/// <param name="CreatedAt">Unix ms.</param>
/// <param name="ModifiedAt">Unix ms.</param>
public sealed record Group(string PoolId, string Name, string? Description, string? RoleArn, long? Precedence, long CreatedAt, long ModifiedAt);

/// <summary>Groups and who is in them.</summary>
public sealed class GroupStore(Database database)
{
    const string Columns = "g.pool_id, g.name, g.description, g.role_arn, g.precedence, g.created_at, g.modified_at";

    /// <summary>Finds a group.</summary>
    public Task<Group?> Find(string poolId, string name, CancellationToken cancel) =>
        database.One($"select {Columns} from groups g where g.pool_id = @pool and g.name = @name", Read, cancel, ("pool", poolId), ("name", name));

    /// <summary>A page of the groups of a pool, by name.</summary>
    public Task<List<Group>> List(string poolId, string after, int limit, CancellationToken cancel) => database.Many(
        $"select {Columns} from groups g where g.pool_id = @pool and g.name > @after order by g.name limit @limit",
        Read, cancel, ("pool", poolId), ("after", after), ("limit", (long)limit));

    /// <summary>A page of the groups of a user, by name.</summary>
    public Task<List<Group>> OfUser(string poolId, string sub, string after, int limit, CancellationToken cancel) => database.Many(
        $"""
        select {Columns} from groups g join group_members m on m.pool_id = g.pool_id and m.group_name = g.name
         where m.pool_id = @pool and m.sub = @sub and g.name > @after order by g.name limit @limit
        """,
        Read, cancel, ("pool", poolId), ("sub", sub), ("after", after), ("limit", (long)limit));

    /// <summary>The groups of a user as tokens carry them: by precedence, then by name.</summary>
    public async Task<IReadOnlyList<Membership>> Memberships(string poolId, string sub, CancellationToken cancel)
    {
        var groups = await database.Many(
            """
            select g.name, g.role_arn, g.precedence from group_members m join groups g on g.pool_id = m.pool_id and g.name = m.group_name
             where m.pool_id = @pool and m.sub = @sub
            """,
            row => new Membership(row.GetString(0), row.TextOrNull(1), row.LongOrNull(2)), cancel, ("pool", poolId), ("sub", sub));
        return [.. groups.OrderBy(group => group.Precedence ?? long.MaxValue).ThenBy(group => group.Name, StringComparer.Ordinal)];
    }

    /// <summary>Inserts a group; false if the name is taken.</summary>
    public static async Task<bool> Insert(Tx tx, Group group) => await tx.Execute(
        """
        insert into groups (pool_id, name, description, role_arn, precedence, created_at, modified_at)
        values (@pool, @name, @description, @role, @precedence, @now, @now) on conflict do nothing
        """, Values(group)) == 1;

    /// <summary>Updates a group, whose null members keep what is stored; the group as it is now, or null if it is gone.</summary>
    public static Task<Group?> Update(Tx tx, Group group) => tx.One(
        $"""
        update groups set description = coalesce(cast(@description as text), description), role_arn = coalesce(cast(@role as text), role_arn),
            precedence = coalesce(cast(@precedence as bigint), precedence), modified_at = @now
         where pool_id = @pool and name = @name returning {Columns.Replace("g.", "", StringComparison.Ordinal)}
        """,
        Read, Values(group));

    /// <summary>Deletes a group and its memberships; false if there was none.</summary>
    public static async Task<bool> Delete(Tx tx, string poolId, string name)
    {
        // The group first, which whoever adds a member locks: a member left behind would be in a later group of this name.
        var deleted = await tx.Execute("delete from groups where pool_id = @pool and name = @name", ("pool", poolId), ("name", name)) == 1;
        await tx.Execute("delete from group_members where pool_id = @pool and group_name = @name", ("pool", poolId), ("name", name));
        return deleted;
    }

    /// <summary>Puts a user, whose row the caller has locked, into a group; a user who is in it stays in it. False if the group is gone.</summary>
    public static async Task<bool> Add(Tx tx, string poolId, string name, string sub)
    {
        // The group row is locked, so that a deletion that races this leaves no member behind.
        var exists = await tx.One($"select 1 from groups where pool_id = @pool and name = @name {tx.Dialect.ForUpdate}", _ => true, ("pool", poolId), ("name", name));
        if (!exists) return false;
        await tx.Execute(
            "insert into group_members (pool_id, group_name, sub) values (@pool, @name, @sub) on conflict do nothing",
            ("pool", poolId), ("name", name), ("sub", sub));
        return true;
    }

    /// <summary>Takes a user out of a group.</summary>
    public static Task Remove(Tx tx, string poolId, string name, string sub) => tx.Execute(
        "delete from group_members where pool_id = @pool and group_name = @name and sub = @sub", ("pool", poolId), ("name", name), ("sub", sub));

    static (string, object?)[] Values(Group group) =>
    [
        ("pool", group.PoolId), ("name", group.Name), ("description", group.Description),
        ("role", group.RoleArn), ("precedence", group.Precedence), ("now", group.ModifiedAt),
    ];

    static Group Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.TextOrNull(2), row.TextOrNull(3), row.LongOrNull(4), row.GetInt64(5), row.GetInt64(6));
}
