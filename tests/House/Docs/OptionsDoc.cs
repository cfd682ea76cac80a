using System.Text;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Poolhouse.House.Tests.Sources;

namespace Poolhouse.House.Tests.Docs;

/// <summary>Reads the options of a package out of the source, where their bounds and defaults are said, and writes the table of them.</summary>
/// <param name="Type">The class of the options.</param>
/// <param name="Of">Whose options they are, for the heading.</param>
/// <param name="Guide">The guide that says how they play together, by its name in docs/guide.</param>
sealed record OptionsDoc(string Type, string Of, string Guide)
{
    public IEnumerable<(string Name, string Type, string About)> Read(IReadOnlyList<SourceFile> files) =>
        from file in files
        from type in file.Types.OfType<ClassDeclarationSyntax>()
        where type.Identifier.Text == Type
        from property in type.Members.OfType<PropertyDeclarationSyntax>()
        where property.Modifiers.Any(modifier => modifier.Text == "public")
        select (property.Identifier.Text, property.Type.ToString().TrimEnd('?'), DocComments.Summary(property));

    public string Write(IEnumerable<(string Name, string Type, string About)> options)
    {
        var text = new StringBuilder($"""
            # Options of {Of}

            Generated from `{Type}`; `UPDATE_DOCS=1 ./test.sh house` writes it again. How they play together: [{Of}](../guide/{Guide}.md).

            | Option | Type | What it is for, bounds, default |
            |---|---|---|

            """);
        foreach (var (name, type, about) in options) text.Append($"| `{name}` | `{type}` | {about.Replace("|", "\\|")} |\n");
        return text.ToString();
    }
}
