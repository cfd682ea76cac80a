using System.Text.RegularExpressions;
using Xunit;

namespace Poolhouse.House.Tests.Sources;

/// <summary>
/// A step of the schema only adds, so that a node of the version before goes on beside the node that has run it: no table, column or
/// row goes away or changes its kind, and what is new may be left out of an insert.
/// </summary>
public sealed partial class MigrationTests
{
    // Older steps were never between two releases.
    const int First = 10;

    [Fact]
    public void Every_step_only_adds()
    {
        var steps = Repository.Files.Where(path => path.StartsWith("src/Storage/Migrations/", StringComparison.Ordinal) && int.Parse(Path.GetFileName(path)[..4]) >= First).ToList();
        Assert.NotEmpty(steps);
        Offenders.None(from step in steps from statement in Breaking(Repository.Text(step)) select $"{step}: {statement}");
    }

    [Theory]
    [InlineData("drop table users")]
    [InlineData("alter table users drop column name")]
    [InlineData("alter table users rename column name to called")]
    [InlineData("alter table users rename to people")]
    [InlineData("alter table users alter column name set not null")]
    [InlineData("alter table users add column age bigint not null")]
    [InlineData("alter table users add column age bigint unique")]
    [InlineData("alter table users add constraint one check (name <> '')")]
    [InlineData("create unique index users_by_name on users (name)")]
    [InlineData("drop index users_by_name")]
    [InlineData("update users set name = lower(name)")]
    [InlineData("delete from users")]
    [InlineData("create trigger t after insert on users begin select 1; end")]
    public void What_an_older_node_would_stumble_over_is_found(string sql) => Assert.NotEmpty(Breaking($"-- why\n{sql};"));

    [Theory]
    [InlineData("create table t (id bigint not null primary key); create unique index t_by_n on t (n)")]
    [InlineData("create index users_by_name on users (name) where name is not null")]
    [InlineData("alter table users add column age bigint")]
    [InlineData("alter table users add column age bigint not null default 0")]
    [InlineData("drop index users_first; create unique index users_first on users (pool_id, name)")]
    public void What_only_adds_is_let_through(string sql) => Assert.Empty(Breaking(sql));

    // What is not known to be harmless is a break.
    static IEnumerable<string> Breaking(string sql)
    {
        var statements = Comment().Replace(sql, "").Split(';').Select(one => Space().Replace(one, " ").Trim()).Where(one => one.Length > 0).ToList();
        var made = statements.Select(one => Table().Match(one)).Where(found => found.Success).Select(found => found.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var indexes = statements.Select(one => Index().Match(one)).Where(found => found.Success).Select(found => found.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var dropped = statements.Select(one => Drop().Match(one)).Where(found => found.Success).Select(found => found.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        return statements.Where(one => !(
            Table().IsMatch(one) || Column().IsMatch(one)
            || (Index().Match(one) is { Success: true } index
                && (!index.Groups["unique"].Success || made.Contains(index.Groups["table"].Value) || dropped.Contains(index.Groups["name"].Value)))
            // The index comes again, wider: the one who wrote it has said why an older node can live with it.
            || (Drop().Match(one) is { Success: true } drop && indexes.Contains(drop.Groups[1].Value))));
    }

    [GeneratedRegex("--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^create table (\w+) \(")]
    private static partial Regex Table();

    [GeneratedRegex(@"^create (?<unique>unique )?index (?<name>\w+) on (?<table>\w+) \(")]
    private static partial Regex Index();

    [GeneratedRegex(@"^drop index (\w+)$")]
    private static partial Regex Drop();

    // A new column that an insert may leave out: nullable, or with a default that is a literal.
    [GeneratedRegex(@"^alter table \w+ add column \w+ (?:bigint|text|boolean|\{blob\})(?: \{collate\})?(?: not null default (?:\d+|'[^']*'|true|false))?$")]
    private static partial Regex Column();
}
