using System.Data.Common;
using System.Globalization;

namespace Poolhouse.Load.Scaling;

/// Users and sessions by the million, made of a real one of each: only names, ids and salts differ. The server is not running.
static class StoredPeople
{
    static readonly string Sub = Uuid("h1");
    static readonly string Session = Uuid("h2");

    // As Name says it, in the SQL of both databases.
    const string Username = "'user' || substr(cast(10000000 + i as text), 2)";

    /// As many users, with one session each. All have the password of the one who is copied.
    public static void Fill(Store store, int count)
    {
        using var connection = store.Connect();
        connection.Open();
        Draw(connection, store, count);
        Copy(connection, "users", "u.username = 'bench'", count, column => column switch
        {
            "sub" => "p.sub", "username" or "username_key" => "p.username",
            "attributes" => "'{\"email\":\"' || p.username || '@example.com\",\"email_verified\":\"true\"}'",
            _ => null,
        });
        Copy(connection, "user_attributes", "u.name = 'email' and u.value = 'bench@example.com'", count, column => column switch
        {
            "sub" => "p.sub", "value" => "p.username || '@example.com'",
            _ => null,
        });
        Sessions(connection, store, count, _ => null);
        Run(connection, "drop table people");
        Run(connection, store.Settle);
    }

    /// Sessions that ended two days ago, as many more.
    public static void Expire(DbConnection connection, Store store, int count)
    {
        Draw(connection, store, count);
        Sessions(connection, store, count, column => column switch
        {
            "ends_at" => "u.auth_time - 172800000", "auth_time" => "u.auth_time - 2764800000",
            _ => null,
        });
        Run(connection, "drop table people");
    }

    /// How many sessions ended two days ago.
    public static int Expired(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from sessions where ends_at < (select max(auth_time) from sessions where client_id = 'benchrotating') - 86400000";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// The name of one of them.
    public static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number:D7}");

    // The pairs of ids have to be the same in three tables.
    static void Draw(DbConnection connection, Store store, int count) =>
        Run(connection, $"create temporary table people as {store.Rows(count)} select i, {Sub} as sub, {Session} as session, {Username} as username from ids");

    static void Sessions(DbConnection connection, Store store, int count, Func<string, string?> value) =>
        Copy(connection, "sessions", "u.client_id = 'benchsteady'", count, column => column switch
        {
            "id" => "p.session", "user_sub" => "p.sub", "salt" => store.Salt,
            _ => value(column),
        });

    static void Copy(DbConnection connection, string table, string which, int count, Func<string, string?> value)
    {
        using var shape = connection.CreateCommand();
        shape.CommandText = $"select * from {table} limit 0";
        var columns = new List<string>();
        using (var row = shape.ExecuteReader())
            for (var i = 0; i < row.FieldCount; i++) columns.Add(row.GetName(i));
        var copied = Run(connection, $"""
            insert into {table} ({string.Join(", ", columns)})
            select {string.Join(", ", columns.Select(column => value(column) ?? $"u.{column}"))} from people p, (select * from {table} u where {which} limit 1) u
            """);
        if (copied != count) throw new BenchException($"{copied} rows of {table} were stored instead of {count}");
    }

    static string Uuid(string hex) => $"lower(substr({hex},1,8)||'-'||substr({hex},9,4)||'-'||substr({hex},13,4)||'-'||substr({hex},17,4)||'-'||substr({hex},21,12))";

    static int Run(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }
}
