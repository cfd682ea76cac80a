using System.Text.RegularExpressions;
using Xunit;

namespace Poolhouse.House.Tests.Sources;

/// <summary>Nothing in the tree is tied to the machine on which it was written.</summary>
public sealed partial class TrackedFileTests
{
    [Fact]
    public void No_tracked_file_names_a_path_of_a_build_machine() => Offenders.None(Lines(MachinePath()));

    [Fact]
    public void No_tracked_file_names_the_host_of_a_package_registry() => Offenders.None(Lines(RegistryHost()));

    [Theory]
    [InlineData("cd /" + "work/main")]
    [InlineData("/" + "home/somebody/src")]
    [InlineData("--data=/" + "tmp/pool")]
    [InlineData("C:\\" + "Users\\somebody")]
    public void A_machine_path_is_found(string line) => Assert.Matches(MachinePath(), line);

    [Theory]
    [InlineData("https://example.com/work/")]
    [InlineData("src/root/a.cs")]
    public void Other_paths_are_left_alone(string line) => Assert.DoesNotMatch(MachinePath(), line);

    static IEnumerable<string> Lines(Regex pattern) =>
        from path in Repository.Files
        where Path.GetExtension(path) is not (".png" or ".ico" or ".woff2" or ".db")
        from line in Repository.Text(path).Split('\n').Index()
        where pattern.IsMatch(line.Item)
        select $"{path}:{line.Index + 1} {line.Item.Trim()[..Math.Min(100, line.Item.Trim().Length)]}";

    [GeneratedRegex(@"(?<![\w.])/(work|root|farm|home/\w+|Users/\w+)/|(?<![\w.])/tmp/[a-z]|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"registry\.(npmjs|yarnpkg)\.|api\.nuget\.org|(deb|security)\.debian\.org|proxy\.golang\.org")]
    private static partial Regex RegistryHost();
}
