using Mono.Cecil;

namespace Poolhouse.House.Tests.Walls;

/// <summary>One reference through a wall: who, and what it names that it may not.</summary>
sealed record Breach(string From, string Type, string To, string Target)
{
    public override string ToString() => $"{From} may not see {To}: {Type} names {Target}";
}

/// <summary>Rooms of one assembly, and which room may see which; a room may always see itself.</summary>
sealed class Wall(string root, IReadOnlyDictionary<string, string[]> allowed)
{
    // Views compile into this namespace, their path with underscores for a name.
    const string Views = "AspNetCoreGeneratedDocument";

    /// <summary>For a room that is part of the root and sees what it sees.</summary>
    public const string All = "*";

    public IEnumerable<Breach> Breaches(ModuleDefinition module) =>
        from type in module.GetTypes()
        let room = Room(type)
        where room is not null
        from target in References.Of(type).DistinctBy(one => one.FullName)
        let to = Room(target)
        where to is not null && to != room && !Allows(room, to, target)
        select new Breach(room, type.FullName, to, target.FullName);

    /// <summary>Rooms in the assembly that the table does not know.</summary>
    public IEnumerable<string> Unlisted(ModuleDefinition module) =>
        module.GetTypes().Select(Room).OfType<string>().Where(room => room.Length > 0 && !allowed.ContainsKey(room)).Distinct();

    // What stands at the root sees all, and nothing sees it.
    bool Allows(string from, string to, TypeReference target) =>
        from.Length == 0 || allowed.TryGetValue(from, out var rooms) && (rooms.Contains(All) || rooms.Contains(to) || rooms.Contains($"{to}.{Outermost(target).Name}"));

    string? Room(TypeReference type)
    {
        var outer = Outermost(type);
        if (outer.Scope is AssemblyNameReference { Name: var assembly } && assembly.StartsWith("Poolhouse.", StringComparison.Ordinal))
            return assembly.StartsWith("Poolhouse.Guard", StringComparison.Ordinal) ? "Guard" : null;
        if (outer.Namespace == Views) return outer.Name.Split('_')[0];
        if (outer.Namespace == root) return outer.Name.StartsWith('<') ? null : "";
        return outer.Namespace.StartsWith(root + ".", StringComparison.Ordinal) ? outer.Namespace[(root.Length + 1)..].Split('.')[0] : null;
    }

    static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }
}
