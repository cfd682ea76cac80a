using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Poolhouse.House.Tests.Sources;

/// <summary>One C# file of src or of the samples, parsed once for all rules; what generators write is not in the tree and so not here.</summary>
sealed record SourceFile(string Path, string Text, CompilationUnitSyntax Unit)
{
    public static IReadOnlyList<SourceFile> All { get; } = [.. Repository.Files
        .Where(path => (path.StartsWith("src/", StringComparison.Ordinal) || path.StartsWith("samples/", StringComparison.Ordinal)) && path.EndsWith(".cs", StringComparison.Ordinal))
        .AsParallel().AsOrdered().Select(path => Parse(path, Repository.Text(path)))];

    public IEnumerable<MemberDeclarationSyntax> Types => Unit.DescendantNodes(node => node is not BlockSyntax)
        .OfType<MemberDeclarationSyntax>().Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    public static SourceFile Parse(string path, string text) => new(path, text, CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot());

    public string At(Microsoft.CodeAnalysis.SyntaxNode node) => $"{Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    public static string Name(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declared => declared.Identifier.Text,
        DelegateDeclarationSyntax declared => declared.Identifier.Text,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
