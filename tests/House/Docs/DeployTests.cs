using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Poolhouse.House.Tests.Docs;

/// <summary>What stands in deploy/ and in the guides names verbs, options, settings and files that exist.</summary>
public sealed partial class DeployTests
{
    static readonly string[] Pages = [.. Repository.Files.Where(path => path.StartsWith("deploy/", StringComparison.Ordinal)), "docs/guide/deploy.md", "docs/guide/operations.md"];

    static readonly string Commands = string.Concat(Repository.Files.Where(path => path.StartsWith("src/Server/Commands/", StringComparison.Ordinal)).Select(Repository.Text));

    [Fact]
    public void Every_setting_that_is_named_exists()
    {
        var known = SettingsTests.All.Select(row => $"{row.Data.Item1}:{row.Data.Item2}").ToHashSet(StringComparer.Ordinal);
        var named = Lines(Variable()).Select(found => (found.Page, Name: $"{found.Match.Groups[1].Value}:{found.Match.Groups[2].Value}"))
            .Concat(Lines(Setting()).Select(found => (found.Page, Name: found.Match.Value)))
            .Concat(Documents().SelectMany(document => Names(document.Json).Select(name => (document.Page, Name: name)))).ToList();
        Assert.True(named.Count > 40, $"only {named.Count} settings were found");
        Offenders.None(named.Where(one => !known.Contains(one.Name)).Select(one => $"{one.Page}: {one.Name}"));
    }

    [Fact]
    public void Every_verb_and_option_that_is_named_exists()
    {
        var verbs = Verb().Matches(Commands).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var options = Option().Matches(Commands).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var lines = Lines(CommandLine()).ToList();
        Assert.True(lines.Count > 15, $"only {lines.Count} commands were found");
        Offenders.None(
            from line in lines
            from word in line.Match.Groups["verbs"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where !verbs.Contains(word)
            select $"{line.Page}: poolhouse {line.Match.Groups["verbs"].Value}");
        Offenders.None(
            from line in lines
            from Match option in Flag().Matches(line.Match.Groups["rest"].Value)
            where !options.Contains(option.Value)
            select $"{line.Page}: {option.Value} in {line.Match.Value}");
    }

    [Fact]
    public void Every_file_of_the_repository_that_is_named_exists() => Offenders.None(
        from found in Lines(File())
        where !Path.Exists(Path.Combine(Repository.Root, found.Match.Value.TrimEnd('.', ')')))
        select $"{found.Page}: {found.Match.Value}");

    [Fact]
    public void What_the_image_copies_exists_and_nothing_that_it_needs_is_ignored()
    {
        var copied = Copy().Matches(Repository.Text("deploy/Dockerfile")).SelectMany(match => match.Groups[1].Value.Split(' ')[..^1]).ToList();
        var kept = Repository.Text("deploy/Dockerfile.dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        Assert.Equal(copied.Order(), kept.Order());
        Offenders.None(copied.Where(path => !Path.Exists(Path.Combine(Repository.Root, path))));
    }

    [Fact]
    public void Every_health_address_that_is_probed_is_served()
    {
        var served = Repository.Text("src/Server/PoolhouseServer.cs");
        var probed = Lines(Probe()).Where(found => found.Page.StartsWith("deploy/", StringComparison.Ordinal)).Select(found => found.Match.Value).Distinct().ToList();
        Assert.Equal(["/healthz", "/readyz"], probed.Order());
        Offenders.None(probed.Where(path => !served.Contains($"MapGet(\"{path}\"", StringComparison.Ordinal)));
    }

    static IEnumerable<(string Page, Match Match)> Lines(Regex pattern) =>
        from page in Pages
        from Match match in pattern.Matches(Repository.Text(page))
        select (page, match);

    // The settings files: those that are files, and those inside a page or a manifest.
    static IEnumerable<(string Page, JsonElement Json)> Documents() =>
        from page in Pages
        from Match match in Document().Matches(Repository.Text(page) + "\n")
        select (page, JsonDocument.Parse(match.Value).RootElement);

    static IEnumerable<string> Names(JsonElement settings) =>
        from room in settings.EnumerateObject()
        from setting in room.Value.EnumerateObject()
        select $"{room.Name}:{setting.Name}";

    [GeneratedRegex(@"POOLHOUSE_([A-Za-z]+)__([A-Za-z]+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<=`|\()(Storage|Server|SignIn|Keys|Outbound|Triggers|Mail|Sms):[A-Z]\w+")]
    private static partial Regex Setting();

    // An object whose members are objects, of which the first begins on the next line or stands on the same.
    [GeneratedRegex("""^ *\{\s*"(?:Server|Storage|Keys|Mail)": \{[\s\S]*?\}\s*\}(?= *$)""", RegexOptions.Multiline)]
    private static partial Regex Document();

    [GeneratedRegex("""(?:Command|=> new)\("([a-z-]+)",""")]
    private static partial Regex Verb();

    [GeneratedRegex("""(?:Option<[^>]+>\(|=> new\()"(--[a-z-]+)"\)""")]
    private static partial Regex Option();

    // As a command line: at the start of a line, behind a prompt's path, or in `…`.
    [GeneratedRegex(@"(?:^|`|/|poolhouse -- /opt/poolhouse/|exec poolhouse /opt/poolhouse/)poolhouse (?<verbs>[a-z][a-z-]*(?: (?:create|list|delete|rotate|master|retry))?)(?<rest>[^\n`#]*)", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex("--[a-z][a-z-]+")]
    private static partial Regex Flag();

    [GeneratedRegex(@"(?<![\w/.-])(?:deploy|docs)/[\w./-]+\w")]
    private static partial Regex File();

    [GeneratedRegex(@"^COPY (?!--from)(.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"(?<=httpGet: \{path: |GET )/\w+")]
    private static partial Regex Probe();
}
