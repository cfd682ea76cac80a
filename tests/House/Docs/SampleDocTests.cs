using System.Text.RegularExpressions;
using Xunit;

namespace Poolhouse.House.Tests.Docs;

/// <summary>A page that shows a whole file of the samples shows it word for word.</summary>
public sealed partial class SampleDocTests
{
    const string Page = "docs/guide/guard-other-languages.md";

    [Fact]
    public void The_guard_in_the_guide_is_the_file_that_the_tests_run() =>
        Repository.HoldOrWrite(Page, Included().Replace(Repository.Text(Page), With));

    [Fact]
    public void What_a_page_includes_is_found() => Assert.Single(Included().Matches(Repository.Text(Page)));

    static string With(Match block) => $"[{block.Groups["name"].Value}]({block.Groups["path"].Value}):\n\n```js\n{Repository.Text($"docs/guide/{block.Groups["path"].Value}")}```";

    // A link to the file, a colon, and a block.
    [GeneratedRegex(@"\[(?<name>[\w.]+)\]\((?<path>\.\./\.\./samples/[\w./-]+)\):\n\n```js\n(?<code>[\s\S]*?)```")]
    private static partial Regex Included();
}
