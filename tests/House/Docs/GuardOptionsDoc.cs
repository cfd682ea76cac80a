using System.Text;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Poolhouse.House.Tests.Sources;

namespace Poolhouse.House.Tests.Docs;

/// <summary>Reads the guard's options out of the source, where their bounds and defaults are said, and writes the table of them.</summary>
static class GuardOptionsDoc
{
    public static IEnumerable<(string Name, string Type, string About)> Read(IReadOnlyList<SourceFile> files) =>
        from file in files
        from type in file.Types.OfType<ClassDeclarationSyntax>()
        where type.Identifier.Text == "CognitoGuardOptions"
        from property in type.Members.OfType<PropertyDeclarationSyntax>()
        select (property.Identifier.Text, property.Type.ToString().TrimEnd('?'), DocComments.Summary(property));

    public static string Write(IEnumerable<(string Name, string Type, string About)> options)
    {
        var text = new StringBuilder("""
            # Options of the guard

            Generated from `CognitoGuardOptions`; `UPDATE_DOCS=1 ./test.sh house` writes it again. How they play together: [the guard](../guide/guard.md).

            | Option | Type | What it is for, bounds, default |
            |---|---|---|

            """);
        foreach (var (name, type, about) in options) text.Append($"| `{name}` | `{type}` | {about.Replace("|", "\\|")} |\n");
        return text.ToString();
    }
}
