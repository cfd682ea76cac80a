using System.Net;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Poolhouse.House.Tests.Docs;

/// <summary>Reads documentation comments as plain sentences of markdown.</summary>
static partial class DocComments
{
    /// <summary>What a member's summary says.</summary>
    public static string Summary(SyntaxNode member) => Plain(SummaryTag().Match(member.GetLeadingTrivia().ToFullString()).Groups[1].Value);

    /// <summary>What is said of each parameter.</summary>
    public static Dictionary<string, string> Parameters(SyntaxNode member) => ParameterTag().Matches(member.GetLeadingTrivia().ToFullString())
        .ToDictionary(match => match.Groups[1].Value, match => Plain(match.Groups[2].Value));

    // <c>x</c> and <see cref="X"/> become code, line breaks a space.
    static string Plain(string xml) => WebUtility.HtmlDecode(Space().Replace(Reference().Replace(xml, "`$1$2`"), " ").Trim());

    [GeneratedRegex("<summary>([\\s\\S]*?)</summary>")]
    private static partial Regex SummaryTag();

    [GeneratedRegex("""<param name="(\w+)">([\s\S]*?)</param>""")]
    private static partial Regex ParameterTag();

    [GeneratedRegex("""<c>(.*?)</c>|<see \w+="([^"]+)"\s*/>""")]
    private static partial Regex Reference();

    [GeneratedRegex(@"(?:\s*\n\s*///)?\s+")]
    private static partial Regex Space();
}
