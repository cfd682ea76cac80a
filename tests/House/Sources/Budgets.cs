using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Poolhouse.House.Tests.Sources;

/// <summary>How long files and functions are, and how many things a constructor asks for.</summary>
static class Budgets
{
    public static IEnumerable<(string Where, int Size)> Files(IEnumerable<SourceFile> files) =>
        files.Select(file => (file.Path, file.Text.AsSpan().TrimEnd().Count('\n') + 1));

    public static IEnumerable<(string Where, int Size)> Functions(IEnumerable<SourceFile> files) =>
        from file in files
        from node in file.Unit.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax { Body: not null }
            or AnonymousFunctionExpressionSyntax or PropertyDeclarationSyntax { ExpressionBody: not null }
        select (file.At(node), Lines(node));

    // A record is data: its parameters are the wire's or the table's, not what it depends upon.
    public static IEnumerable<(string Where, int Size)> Constructors(IEnumerable<SourceFile> files) =>
        from file in files
        from node in file.Unit.DescendantNodes()
        let parameters = node switch
        {
            ConstructorDeclarationSyntax constructor => constructor.ParameterList,
            ClassDeclarationSyntax type => type.ParameterList,
            StructDeclarationSyntax type => type.ParameterList,
            _ => null,
        }
        where parameters is not null
        select (file.At(node), parameters.Parameters.Count);

    public static int Percentile95(IEnumerable<int> sizes)
    {
        var sorted = sizes.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1];
    }

    static int Lines(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
