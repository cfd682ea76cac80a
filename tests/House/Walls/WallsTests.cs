using Mono.Cecil;
using Xunit;

namespace Poolhouse.House.Tests.Walls;

public sealed class WallsTests
{
    static readonly string[] Shared = ["SignIn", "Http", "Outbound"];

    // Who may see whom inside the server; everything unlisted is forbidden. Surfaces never see each other.
    internal static readonly Wall Server = new("Poolhouse.Server", new Dictionary<string, string[]>
    {
        ["Http"] = [],
        ["Outbound"] = [],
        ["SignIn"] = ["Http", "Outbound"],
        ["OAuth"] = Shared,
        ["Cognito"] = Shared,
        ["Login"] = Shared,
        ["Revocations"] = Shared,
        // The verbs are Program.cs in several files.
        ["Commands"] = [Wall.All],
        // Seed files are API calls: Dev reaches the operations through their dispatcher only.
        ["Dev"] = [.. Shared, "Guard", "Cognito.CognitoDispatcher"],
    });

    // What an assembly may never reference, besides what its project file already cannot see.
    static readonly Dictionary<string, string[]> Closed = new()
    {
        ["Poolhouse.Tokens"] = ["Poolhouse.", "Microsoft.AspNetCore", "System.Data", "Microsoft.Data", "Npgsql"],
        ["Poolhouse.Core"] = ["Poolhouse.Storage", "poolhouse", "Microsoft.AspNetCore", "System.Net.Http", "System.Data", "Microsoft.Data", "Npgsql"],
        ["Poolhouse.Storage"] = ["poolhouse", "Microsoft.AspNetCore", "System.Net.Http"],
        ["poolhouse"] = ["Microsoft.Data", "Npgsql", "SQLitePCLRaw", "Poolhouse.Guard.AspNetCore"],
        ["Poolhouse.Guard"] = ["Poolhouse.Core", "Poolhouse.Storage", "poolhouse", "Microsoft.AspNetCore", "System.Data", "Microsoft.Data", "Npgsql"],
        ["Poolhouse.Bff"] = ["Poolhouse.Core", "Poolhouse.Storage", "Poolhouse.Guard", "poolhouse", "Microsoft.Data", "Npgsql", "SQLitePCLRaw", "StackExchange"],
        ["Poolhouse.Bff.Redis"] = ["Poolhouse.Core", "Poolhouse.Storage", "Poolhouse.Guard", "poolhouse", "System.Data", "Microsoft.Data", "Npgsql"],
        ["poolhouse-bff"] = ["Poolhouse.Core", "Poolhouse.Storage", "Poolhouse.Guard", "poolhouse"],
        ["Poolhouse.Guard.AspNetCore"] = ["Poolhouse.Core", "Poolhouse.Storage", "poolhouse", "System.Data", "Microsoft.Data", "Npgsql"],
    };

    [Fact]
    public void Rooms_of_the_server_see_only_what_the_design_lists()
    {
        using var server = Open("poolhouse");
        Offenders.None(Server.Breaches(server).Select(breach => breach.ToString()));
    }

    [Fact]
    public void Every_room_of_the_server_is_in_the_table()
    {
        using var server = Open("poolhouse");
        Offenders.None(Server.Unlisted(server).Order());
    }

    [Theory]
    [InlineData("Poolhouse.Tokens")]
    [InlineData("Poolhouse.Core")]
    [InlineData("Poolhouse.Storage")]
    [InlineData("poolhouse")]
    [InlineData("Poolhouse.Guard")]
    [InlineData("Poolhouse.Guard.AspNetCore")]
    [InlineData("Poolhouse.Bff")]
    [InlineData("Poolhouse.Bff.Redis")]
    [InlineData("poolhouse-bff")]
    public void An_assembly_references_nothing_that_is_closed_to_it(string assembly)
    {
        using var module = Open(assembly);
        var references = module.AssemblyReferences.Select(reference => reference.Name);
        Offenders.None(references.Where(name => Closed[assembly].Any(closed => name.StartsWith(closed, StringComparison.Ordinal))).Order());
    }

    static ModuleDefinition Open(string assembly) => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
}
