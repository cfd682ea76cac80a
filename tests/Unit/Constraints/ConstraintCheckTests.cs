using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Core.Constraints;
using Xunit;

namespace Poolhouse.Unit.Tests.Constraints;

public sealed record Inner([Length(1, 3), Pattern("[a-z]+")] string Name, [Range(1, 2)] int? Rank = null);

public record Settings
{
    [OneOf("ON", "OFF")]
    public string? Mode { get; init; }

    public Inner? Inner { get; init; }

    public IReadOnlyList<Inner>? Items { get; init; }

    [Length(0, 2), OneOf("a", "b", On = Part.Each)]
    public IReadOnlyList<string>? Letters { get; init; }

    [Length(1, 3, On = Part.Keys), Length(0, 4, On = Part.Each)]
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

public sealed record Request([PoolId] string UserPoolId, [Username] string Username, [Password] string? Secret = null, [Required, Range(1, 60)] int? Most = null) : Settings;

[JsonSerializable(typeof(Request))]
public sealed partial class ConstraintsJson : JsonSerializerContext;

public class ConstraintCheckTests
{
    const string PoolPattern = @"Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+";

    static readonly ConstraintCheck Check = new(ConstraintsJson.Default.Request);

    [Fact]
    public void A_request_within_its_bounds_has_no_violation() =>
        Assert.Null(Violations("\"Secret\": \"pw\", \"Mode\": \"ON\", \"Items\": [{\"Name\": \"ok\", \"Rank\": 1}], \"Letters\": [\"a\"], \"Tags\": {\"k\": \"v\"},"));

    [Fact]
    public void One_violation_is_worded_in_the_singular_and_repeats_the_value() =>
        Assert.Equal($"1 validation error detected: Value 'x!' at 'userPoolId' failed to satisfy constraint: {PoolPattern}", Violations(pool: "\"x!\""));

    [Fact]
    public void Several_violations_stand_in_one_message_in_the_order_of_the_members() => Assert.Equal(
        "3 validation errors detected: " +
        "Value '' at 'userPoolId' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        $"Value '' at 'userPoolId' failed to satisfy constraint: {PoolPattern}; " +
        "Value '61' at 'most' failed to satisfy constraint: Member must have value less than or equal to 60",
        Violations(pool: "\"\"", most: "61"));

    [Fact]
    public void An_absent_required_member_is_null_whether_it_is_a_text_or_a_number() => Assert.Equal(
        "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; " +
        "Value null at 'most' failed to satisfy constraint: Member must not be null",
        Violations(pool: "null", most: "null"));

    [Fact]
    public void A_sensitive_value_is_never_repeated()
    {
        var message = Violations("\"Secret\": \"hun ter2\",");
        Assert.Equal(@"1 validation error detected: Value at 'secret' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+", message);
    }

    [Theory]
    [InlineData("\"Mode\": \"on\",", "Value 'on' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: [ON, OFF]")]
    [InlineData("\"Inner\": {\"Name\": \"UP\"},", "Value 'UP' at 'inner.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+")]
    [InlineData("\"Inner\": {},", "Value null at 'inner.name' failed to satisfy constraint: Member must not be null")]
    [InlineData("\"Items\": [{\"Name\": \"ok\"}, {\"Name\": \"ok\", \"Rank\": 3}],", "Value '3' at 'items.2.member.rank' failed to satisfy constraint: Member must have value less than or equal to 2")]
    [InlineData("\"Items\": [null],", "Value null at 'items.1.member' failed to satisfy constraint: Member must not be null")]
    [InlineData("\"Letters\": [\"a\", \"c\"],", "Value '[a, c]' at 'letters' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [a, b]]")]
    [InlineData("\"Letters\": [\"a\", \"b\", \"a\"],", "Value '[a, b, a]' at 'letters' failed to satisfy constraint: Member must have length less than or equal to 2")]
    [InlineData("\"Letters\": [null],", "Value '[]' at 'letters' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [a, b]]")]
    [InlineData("\"Tags\": {\"k\": \"12345\"},", "Value '{k=12345}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 4, Member must have length greater than or equal to 0]")]
    [InlineData("\"Tags\": {\"long\": \"\"},", "Value '{long=}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1]")]
    public void Each_kind_of_violation_has_the_wording_of_the_service(string member, string expected) =>
        Assert.Equal("1 validation error detected: " + expected, Violations(member));

    [Theory]
    [InlineData("ana", true)]
    [InlineData("Jürgen", true)]
    [InlineData("日本", true)]
    [InlineData("\\uD83D\\uDE00", true)]
    [InlineData("a b", false)]
    [InlineData("a\\nb", false)]
    public void Names_are_letters_marks_numbers_and_signs_of_any_script(string name, bool fits) =>
        Assert.Equal(fits, Violations(username: $"\"{name}\"") is null);

    [Theory]
    [InlineData("us-east-1_Abc123456", true)]
    [InlineData("us-east-1_Abc\\n", false)]
    [InlineData("üs_a", false)]
    [InlineData("us_١", false)]
    public void Patterns_cover_the_whole_text_and_know_only_ascii_words(string pool, bool fits) =>
        Assert.Equal(fits, Violations(pool: $"\"{pool}\"") is null);

    [Fact]
    public void Lengths_count_characters_and_not_their_halves()
    {
        string Faces(int count) => $"\"{string.Concat(Enumerable.Repeat("\\uD83D\\uDE00", count))}\"";
        Assert.Null(Violations(username: Faces(128)));
        Assert.Contains("Value at 'username' failed to satisfy constraint: Member must have length less than or equal to 128", Violations(username: Faces(129)));
    }

    [Fact]
    public void A_caller_cannot_make_the_message_grow_without_end()
    {
        var items = string.Join(',', Enumerable.Repeat("{}", 5000));
        var message = Violations($"\"Items\": [{items}],");
        Assert.StartsWith("100 validation errors detected:", message, StringComparison.Ordinal);
        Assert.True(Violations(pool: $"\"{new string('!', 100_000)}\"")!.Length < 4000);
    }

    [Fact]
    public void A_pattern_that_would_backtrack_answers_at_once()
    {
        var rule = new PatternRule(@"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*");
        var hostile = string.Concat(Enumerable.Repeat("{####}", 3300)) + "\0";
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.NotNull(rule.Violated(hostile));
        Assert.True(watch.ElapsedMilliseconds < 2000, $"{watch.ElapsedMilliseconds} ms");
    }

    static string? Violations(string member = "", string pool = "\"us-east-1_Abc\"", string username = "\"ana\"", string most = "5")
    {
        var json = $"{{{member} \"UserPoolId\": {pool}, \"Username\": {username}, \"Most\": {most}}}";
        return Check.Violations(JsonSerializer.Deserialize(json, ConstraintsJson.Default.Request)!);
    }
}
