using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Poolhouse.House.Tests.Sources;

/// <summary>Rules on how types are named, sealed and introduced; each returns the offenders.</summary>
static partial class Conventions
{
    /// <summary>Types at namespace level without a sentence; an operation's request and response are covered by the operation's.</summary>
    public static IEnumerable<string> Unexplained(IReadOnlyList<SourceFile> files)
    {
        var explained = files.SelectMany(file => file.Types.Where(HasSentence).Select(type => Key(file, type))).ToHashSet();
        return from file in files
               let here = file.Types.Where(HasSentence).Select(SourceFile.Name).ToHashSet()
               from type in file.Types
               where type.Parent is not TypeDeclarationSyntax && !explained.Contains(Key(file, type))
               where !Envelope().IsMatch(SourceFile.Name(type)) || !here.Contains(Envelope().Replace(SourceFile.Name(type), ""))
               select $"{file.At(type)} {SourceFile.Name(type)} has no /// sentence";
    }

    public static IEnumerable<string> Misnamed(IReadOnlyList<SourceFile> files) =>
        from file in files
        from type in file.Types
        where BadName().IsMatch(SourceFile.Name(type))
        select $"{file.At(type)} {SourceFile.Name(type)} says nothing about what it is";

    public static IEnumerable<string> NamedLikeNamespaces(IReadOnlyList<SourceFile> files)
    {
        var namespaces = files.SelectMany(file => file.Unit.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
            .SelectMany(one => one.Name.ToString().Split('.')).ToHashSet();
        return from file in files
               from type in file.Types
               where namespaces.Contains(SourceFile.Name(type))
               select $"{file.At(type)} {SourceFile.Name(type)} is also a namespace";
    }

    /// <summary>Classes that are open to be derived from, though nothing here does; records are data, and a request may extend its settings.</summary>
    public static IEnumerable<string> Unsealed(IReadOnlyList<SourceFile> files)
    {
        var bases = Bases(files).ToHashSet();
        var closed = files.SelectMany(file => file.Types.Where(IsClosed).Select(type => Key(file, type))).ToHashSet();
        return from file in files
               from type in file.Types
               where type is ClassDeclarationSyntax && !closed.Contains(Key(file, type)) && !bases.Contains(SourceFile.Name(type))
               select $"{file.At(type)} {SourceFile.Name(type)} is not sealed";
    }

    /// <summary>Interfaces with fewer than two implementations that ship.</summary>
    public static IEnumerable<string> LonelyInterfaces(IReadOnlyList<SourceFile> files)
    {
        var implemented = Bases(files).CountBy(name => name).ToDictionary();
        return from file in files
               from type in file.Types.OfType<InterfaceDeclarationSyntax>()
               let count = implemented.GetValueOrDefault(type.Identifier.Text)
               where count < 2
               select $"{file.At(type)} {type.Identifier.Text} has {count} implementation(s)";
    }

    static IEnumerable<string> Bases(IReadOnlyList<SourceFile> files) => files.SelectMany(file => file.Types).OfType<BaseTypeDeclarationSyntax>()
        .Where(type => type.BaseList is not null).SelectMany(type => type.BaseList!.Types)
        .Select(one => one.Type is QualifiedNameSyntax qualified ? qualified.Right : one.Type)
        .OfType<SimpleNameSyntax>().Select(name => name.Identifier.Text);

    // A sentence ends: a bare tag or a word does not explain.
    static bool HasSentence(MemberDeclarationSyntax type) => type.GetLeadingTrivia().Select(trivia => trivia.GetStructure())
        .OfType<DocumentationCommentTriviaSyntax>().Any(comment => Sentence().IsMatch(comment.ToFullString()));

    static bool IsClosed(MemberDeclarationSyntax type) =>
        type.Modifiers.Any(modifier => modifier.Kind() is SyntaxKind.SealedKeyword or SyntaxKind.StaticKeyword or SyntaxKind.AbstractKeyword);

    // Parts of a partial type are one type, whatever file they are in.
    static string Key(SourceFile file, MemberDeclarationSyntax type) =>
        string.Join('.', type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().Select(one => one.Name.ToString())) + "/"
        + string.Join('.', type.AncestorsAndSelf().OfType<MemberDeclarationSyntax>()
            .Where(one => one is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax).Select(SourceFile.Name))
        + (type.Modifiers.Any(SyntaxKind.PartialKeyword) ? "" : "@" + file.At(type));

    [GeneratedRegex(@"(Request|Response)$")]
    private static partial Regex Envelope();

    [GeneratedRegex(@"^I?(Base|Default)([A-Z]|$)|(Manager|Helpers?|Impl|Utils?)$")]
    private static partial Regex BadName();

    [GeneratedRegex(@"\w+\W+\w+[\s\S]*[.!?:;)]|<inheritdoc cref=")]
    private static partial Regex Sentence();
}
