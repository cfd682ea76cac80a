using System.Text;
using Poolhouse.Server.Cognito;
using Xunit;

namespace Poolhouse.House.Tests.Docs;

/// <summary>The page of all operations is written from the table that dispatches them.</summary>
public sealed class OperationsDocTests
{
    [Fact]
    public void The_page_of_operations_is_what_the_table_says() => Repository.HoldOrWrite("docs/reference/operations.md", Write());

    [Fact]
    public void All_129_operations_are_built_or_listed_as_not_built_and_none_is_both()
    {
        Assert.Equal(129, Operations.Table.Count + Operations.Unsupported.Count);
        Offenders.None(Operations.Table.Keys.Intersect(Operations.Unsupported.Keys));
        Offenders.None(Operations.Table.Where(entry => entry.Key != entry.Value.Name).Select(entry => entry.Key));
    }

    [Fact]
    public void Every_operation_is_in_one_of_the_fourteen_rooms()
    {
        var rooms = Rooms.All.Select(room => room.Room).ToHashSet();
        Offenders.None(Operations.Table.Keys.Concat(Operations.Unsupported.Keys).Where(name => !rooms.Contains(RoomOf(name))).Select(name => $"{name}: {RoomOf(name)}"));
    }

    static string RoomOf(string operation) => Operations.Table.TryGetValue(operation, out var built)
        ? built.Request().Type.Namespace!.Split('.')[^1]
        : Operations.Unsupported[operation];

    static string Write()
    {
        var text = new StringBuilder($"""
            # Operations of the JSON API

            Generated from the table of operations; `UPDATE_DOCS=1 ./test.sh house` writes it again. {Operations.Table.Count} of 129 are built;
            the others answer `UnknownOperationException` and say so.

            *open*: nothing is needed. *access token*: in the request. *signature*: SigV4 with an access key (any well-formed one in `poolhouse dev`).

            """);
        var names = Operations.Table.Keys.Concat(Operations.Unsupported.Keys).ToLookup(RoomOf);
        foreach (var (room, about) in Rooms.All)
        {
            text.Append($"\n## {about}\n\n| Operation | Needs | Built |\n|---|---|---|\n");
            foreach (var name in names[room].Order(StringComparer.Ordinal))
                text.Append(Operations.Table.TryGetValue(name, out var built) ? $"| {name} | {Needs(built.Access)} | yes |\n" : $"| {name} | | not yet |\n");
        }
        return text.ToString();
    }

    static string Needs(Access access) => access switch
    {
        Access.Unsigned => "open",
        Access.AccessToken => "access token",
        Access.Iam => "signature",
        _ => throw new ArgumentOutOfRangeException(nameof(access)),
    };
}
