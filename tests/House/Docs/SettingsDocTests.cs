using Poolhouse.House.Tests.Sources;
using Poolhouse.Server;
using Xunit;

namespace Poolhouse.House.Tests.Docs;

public sealed class SettingsDocTests
{
    const string Sample = """
        /// <summary>Where water is kept.</summary>
        /// <param name="Depth">How deep it is, in <c>metres</c>,
        /// at the wall.</param>
        /// <param name="Name">What it is called &amp; why.</param>
        public sealed record WaterOptions(int Depth = 3, string? Name = null);
        sealed record UnboundOptions(int A = 1);
        class Program { void Main(IConfiguration given) => given.GetSection("Water").Get<WaterOptions>(o => o.ErrorOnUnknownConfiguration = true); }
        """;

    [Fact]
    public void The_settings_page_is_what_the_options_records_say() =>
        Repository.HoldOrWrite("docs/reference/settings.md", SettingsDoc.Write(SettingsDoc.Read(SourceFile.All), Settings.Prefix));

    [Fact]
    public void Every_setting_has_a_default_and_a_sentence() => Offenders.None(SettingsDoc.Read(SourceFile.All)
        .Where(one => one.Default.Length == 0 || one.About.Length == 0).Select(one => $"{one.Section}:{one.Name}"));

    [Theory]
    [InlineData("CognitoGuardOptions", "the guard", "guard", "guard-options")]
    [InlineData("BffOptions", "the backend for frontends", "bff", "bff-options")]
    public void A_page_of_options_is_what_the_options_say(string type, string of, string guide, string page)
    {
        var doc = new OptionsDoc(type, of, guide);
        Repository.HoldOrWrite($"docs/reference/{page}.md", doc.Write(doc.Read(SourceFile.All)));
    }

    [Fact]
    public void A_bound_record_is_read_with_its_section_defaults_and_sentences()
    {
        SourceFile[] files = [SourceFile.Parse("a.cs", Sample)];
        Assert.Equal(
        [
            new("Water", "Depth", "int", "3", "How deep it is, in `metres`, at the wall."),
            new("Water", "Name", "string?", "null", "What it is called & why."),
        ], SettingsDoc.Read(files));
        Assert.Equal("P_Water__Depth", SettingsDoc.Read(files).First().Variable("P_"));
    }
}
