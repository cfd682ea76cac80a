using Xunit;

namespace Poolhouse.House.Tests.Sources;

public sealed class BudgetTests
{
    [Fact]
    public void No_file_is_longer_than_500_lines_and_95_of_100_have_at_most_250() =>
        Hold(Budgets.Files(SourceFile.All), most: 500, percentile95: 250);

    [Fact]
    public void No_function_is_longer_than_80_lines_and_95_of_100_have_at_most_40() =>
        Hold(Budgets.Functions(SourceFile.All), most: 80, percentile95: 40);

    [Fact]
    public void No_constructor_asks_for_more_than_7_things() => Hold(Budgets.Constructors(SourceFile.All), most: 7, percentile95: 7);

    [Fact]
    public void No_view_style_or_script_is_longer_than_500_lines() => Hold(Repository.Files
        .Where(path => Path.GetExtension(path) is ".cshtml" or ".css" or ".js" or ".mjs" or ".sql" or ".sh")
        .Select(path => (path, Repository.Text(path).Count('\n'))), most: 500, percentile95: 500);

    [Fact]
    public void Sizes_are_measured_as_a_reader_would_count()
    {
        var file = SourceFile.Parse("a.cs", "class A(int a, int b)\n{\n    /// Text.\n    void F()\n    {\n    }\n    int P => 1;\n    A(int a) : this(a, 1) { }\n}\nrecord R(int a, int b, int c);\n");
        Assert.Equal([("a.cs", 10)], Budgets.Files([file]));
        Assert.Equal([("a.cs:4", 3), ("a.cs:7", 1), ("a.cs:8", 1)], Budgets.Functions([file]));
        Assert.Equal([("a.cs:1", 2), ("a.cs:8", 1)], Budgets.Constructors([file]));
        Assert.Equal(95, Budgets.Percentile95(Enumerable.Range(1, 100)));
    }

    static void Hold(IEnumerable<(string Where, int Size)> sizes, int most, int percentile95)
    {
        var all = sizes.OrderByDescending(one => one.Size).ToList();
        Offenders.None(all.Where(one => one.Size > most).Select(one => $"{one.Where} has {one.Size}, {most} at most"));
        var reached = Budgets.Percentile95(all.Select(one => one.Size));
        Assert.True(reached <= percentile95, $"the 95th percentile is {reached}, {percentile95} at most; the longest: {string.Join(", ", all.Take(12))}");
    }
}
