using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Schema steps on both databases.</summary>
public class MigratorTests
{
    static readonly Migration First = new(1, "0001_a", "create table a (id text {collate} primary key, b {blob});\ninsert into a values ('x', null);");
    static readonly Migration Second = new(2, "0002_b", "alter table a add column c bigint");

    [Theory, OnBoth]
    public async Task Only_what_is_missing_is_run(Product product)
    {
        await using var test = await TestDatabase.Prepare(product);
        await using var connection = await Connect(test);

        Assert.Equal(1, await Run(connection, First));
        Assert.Equal(0, await Run(connection, First));
        Assert.Equal(1, await Run(connection, First, Second));
        Assert.Equal("x", await Scalar(connection, "select id from a where c is null"));
    }

    [Theory, OnBoth]
    public async Task A_step_that_fails_leaves_nothing_of_itself(Product product)
    {
        await using var test = await TestDatabase.Prepare(product);
        await using var connection = await Connect(test);
        var broken = new Migration(2, "0002_broken", "create table half (n bigint); create table a (n bigint);");

        await Assert.ThrowsAnyAsync<DbException>(() => Run(connection, First, broken));

        await Assert.ThrowsAnyAsync<DbException>(() => Scalar(connection, "select 1 from half"));
        Assert.Equal(1L, await Scalar(connection, "select max(version) from schema_versions"));
    }

    [Theory, OnBoth]
    public async Task A_database_newer_than_the_program_is_refused(Product product)
    {
        await using var test = await TestDatabase.Prepare(product);
        await using (await Database.Open(test.Options, TimeProvider.System, NullLogger<Database>.Instance, default))
        await using (var connection = await Connect(test))
            await Scalar(connection, "insert into schema_versions (version, name, applied_at) values (9999, '9999_later', 0)");

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            Database.Open(test.Options, TimeProvider.System, NullLogger<Database>.Instance, default));
        Assert.Contains("schema version 9999", refused.Message, StringComparison.Ordinal);
    }

    [Theory, OnBoth]
    public async Task A_command_beside_a_server_does_not_change_its_schema(Product product)
    {
        await using var test = await TestDatabase.Prepare(product);
        await using var connection = await Connect(test);
        await Run(connection, First);

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            Migrator.Run(connection, DialectOf(connection), [First, Second], 0, () => false, default));
        Assert.Contains("poolhouse migrate", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Migrator.Run(connection, DialectOf(connection), [First], 0, () => false, default));
    }

    [Fact]
    public async Task Nodes_that_start_together_migrate_once()
    {
        await using var test = await TestDatabase.Prepare(Product.Postgres);

        var steps = await Race.Together(6, async _ =>
        {
            await using var connection = await Connect(test);
            return await Run(connection, First, Second);
        });

        Assert.Equal(2, steps.Sum());
    }

    [Fact]
    public void An_unknown_placeholder_is_an_error() =>
        Assert.Throws<StorageException>(() => Migrator.Translate(new(1, "0001_x", "create table t (n {bolb})"), Dialect.Sqlite));

    [Fact]
    public void The_steps_of_the_program_are_translated_for_both()
    {
        Assert.NotEmpty(Migrator.Known);
        foreach (var step in Migrator.Known)
        {
            Assert.DoesNotContain("{", Migrator.Translate(step, Dialect.Sqlite), StringComparison.Ordinal);
            Assert.DoesNotContain("{", Migrator.Translate(step, Dialect.Postgres), StringComparison.Ordinal);
        }
    }

    static Task<int> Run(DbConnection connection, params Migration[] known) =>
        Migrator.Run(connection, DialectOf(connection), known, 0, () => true, default);

    static Dialect DialectOf(DbConnection connection) => connection is SqliteConnection ? Dialect.Sqlite : Dialect.Postgres;

    static async Task<DbConnection> Connect(TestDatabase test)
    {
        DbConnection connection = test.Options.ConnectionString is { } text
            ? new NpgsqlConnection(text)
            : new SqliteConnection($"Data Source={Path.Combine(test.Options.DataDirectory, "poolhouse.db")};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    static async Task<object?> Scalar(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
