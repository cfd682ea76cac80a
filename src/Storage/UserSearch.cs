using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>A filter of ListUsers: equality or prefix on one attribute.</summary>
/// <param name="Attribute">The attribute's name.</param>
/// <param name="Value">What it must be or begin with.</param>
/// <param name="IsPrefix">Whether a prefix is enough (<c>^=</c>).</param>
public sealed record UserFilter(string Attribute, string Value, bool IsPrefix);

/// <summary>A user that was found, and the key after which the next page begins.</summary>
public sealed record FoundUser(User User, string Key);

/// <summary>
/// Lists the users of a pool, page by page. Each kind of filter reads one range of one index in its order, so that a page costs the same
/// among a thousand users and among a million.
/// </summary>
public sealed class UserSearch(Database database)
{
    // What every text that begins with a value is less than, in the byte order that both databases compare keys in: U+10FFFF is no character.
    const string Beyond = "\U0010FFFF";

    /// <summary>A page of the users of a pool.</summary>
    /// <param name="poolId">The pool.</param>
    /// <param name="filter">What to look for, or null for all.</param>
    /// <param name="caseSensitive">Whether user names of the pool tell upper from lower case.</param>
    /// <param name="after">The key of the last user of the page before, or "".</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancel">Cancels the read.</param>
    public Task<List<FoundUser>> List(string poolId, UserFilter? filter, bool caseSensitive, string after, int limit, CancellationToken cancel)
    {
        return filter switch
        {
            null => BySub("", ""),
            { Attribute: "sub" } => BySub(filter.IsPrefix ? "and u.sub between @value and @beyond" : "and u.sub = @value", filter.Value),
            { Attribute: "username" } => ByName(Folding.UsernameKey(filter.Value, caseSensitive)),
            { Attribute: "cognito:user_status" } => BySub(OneOf("u.status", UserStatus.All, filter, name => $"'{name}'"), ""),
            { Attribute: "status" } => BySub(OneOf("u.enabled", ["Enabled", "Disabled"], filter, name => name == "Enabled" ? "true" : "false"), ""),
            { IsPrefix: false } => ByAttribute("and a.value = @value and a.sub > @after", "a.sub", Folding.Fold(filter.Value), after, ("name", filter.Attribute)),
            _ => ByBeginning(Folding.Fold(filter.Value)),
        };

        Task<List<FoundUser>> BySub(string condition, string value) => Read(
            $"select {UserStore.Prefixed}, u.sub from users u where u.pool_id = @pool and u.sub > @after {condition} order by u.sub limit @limit", value, after);

        Task<List<FoundUser>> ByName(string key) => Read(
            $"""
            select {UserStore.Prefixed}, u.username_key from users u
             where u.pool_id = @pool and u.username_key > @after and u.username_key {(filter.IsPrefix ? "between @value and @beyond" : "= @value")}
             order by u.username_key limit @limit
            """, key, after);

        // Several users may have one value: the key is both, the sub first since it has no space.
        Task<List<FoundUser>> ByBeginning(string value) => after.Split(' ', 2) is [var sub, var last]
            ? ByAttribute("and (a.value, a.sub) > (@last, @after) and a.value <= @beyond", "a.sub || ' ' || a.value", value, sub, ("name", filter.Attribute), ("last", last))
            : ByAttribute("and a.value between @value and @beyond", "a.sub || ' ' || a.value", value, "", ("name", filter.Attribute));

        Task<List<FoundUser>> ByAttribute(string condition, string key, string value, string afterSub, params (string, object?)[] more) => Read(
            $"""
            select {UserStore.Prefixed}, {key} from user_attributes a join users u on u.pool_id = a.pool_id and u.sub = a.sub
             where a.pool_id = @pool and a.name = @name {condition} order by a.value, a.sub limit @limit
            """, value, afterSub, more);

        Task<List<FoundUser>> Read(string sql, string value, string afterKey, params (string, object?)[] more) => database.Many(
            sql, row => new FoundUser(UserStore.Read(row), row.GetString(row.FieldCount - 1)), cancel,
            [("pool", poolId), ("after", afterKey), ("limit", (long)limit), ("value", value), ("beyond", value + Beyond), .. more]);
    }

    // The few values that a column can have, compared here and without case, so that the database compares for equality.
    static string OneOf(string column, IReadOnlyList<string> values, UserFilter filter, Func<string, string> literal)
    {
        var meant = values.Where(value => filter.IsPrefix
            ? value.StartsWith(filter.Value, StringComparison.OrdinalIgnoreCase) : value.Equals(filter.Value, StringComparison.OrdinalIgnoreCase)).ToList();
        return meant.Count switch
        {
            0 => "and false",
            _ when meant.Count == values.Count => "",
            1 => $"and {column} = {literal(meant[0])}",
            _ => $"and {column} in ({string.Join(", ", meant.Select(literal))})",
        };
    }
}
