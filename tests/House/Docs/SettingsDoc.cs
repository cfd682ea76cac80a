using System.Text;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Poolhouse.House.Tests.Sources;

namespace Poolhouse.House.Tests.Docs;

/// <summary>One host setting, as its options record declares it.</summary>
sealed record Setting(string Section, string Name, string Type, string Default, string About)
{
    public string Variable(string prefix) => $"{prefix}{Section}__{Name}";
}

/// <summary>Reads the options records out of the source, where their defaults and sentences stand, and writes the table of settings.</summary>
static class SettingsDoc
{
    /// <summary>The settings of every options record that some code binds to a section of the configuration.</summary>
    public static IEnumerable<Setting> Read(IReadOnlyList<SourceFile> files)
    {
        var sections = Sections(files);
        return from file in files
               from record in file.Types.OfType<RecordDeclarationSyntax>()
               where sections.ContainsKey(record.Identifier.Text)
               orderby sections[record.Identifier.Text]
               let about = DocComments.Parameters(record)
               from parameter in record.ParameterList?.Parameters ?? []
               select new Setting(sections[record.Identifier.Text], parameter.Identifier.Text, parameter.Type!.ToString(),
                   parameter.Default?.Value.ToString() ?? "", about.GetValueOrDefault(parameter.Identifier.Text, ""));
    }

    public static string Write(IEnumerable<Setting> settings, string prefix)
    {
        var text = new StringBuilder("""
            # Settings

            Generated from the options records; `UPDATE_DOCS=1 ./test.sh house` writes it again. A setting is given as an environment
            variable, or as a key of the configuration file. Settings of pools and app clients are data: see the API.

            | Setting | Environment variable | Type | Default | What it is for |
            |---|---|---|---|---|

            """);
        foreach (var one in settings)
            text.Append($"| `{one.Section}:{one.Name}` | `{one.Variable(prefix)}` | {one.Type.TrimEnd('?')} | {Shown(one.Default)} | {one.About.Replace("|", "\\|")} |\n");
        return text.ToString();
    }

    static string Shown(string value) => value is "null" or "" ? "–" : $"`{value.Trim('"')}`";

    // configuration.GetSection("Storage").Get<StorageOptions>(…): section by record.
    static Dictionary<string, string> Sections(IReadOnlyList<SourceFile> files) => files.SelectMany(file => file.Unit.DescendantNodes())
        .OfType<InvocationExpressionSyntax>()
        .Select(call => call.Expression is MemberAccessExpressionSyntax { Name: GenericNameSyntax { Identifier.Text: "Get" } get } access
            ? (Record: get.TypeArgumentList.Arguments[0].ToString(), From: access.Expression) : default)
        .Where(bound => bound.From is InvocationExpressionSyntax call && Method(call) == "GetSection")
        .DistinctBy(bound => bound.Record)
        .ToDictionary(bound => bound.Record, bound => ((InvocationExpressionSyntax)bound.From).ArgumentList.Arguments[0].Expression switch
        {
            LiteralExpressionSyntax literal => literal.Token.ValueText,
            var other => throw new InvalidOperationException($"The section of {bound.Record} is not a literal: {other}"),
        });

    static string? Method(InvocationExpressionSyntax call) => (call.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.Text;
}
