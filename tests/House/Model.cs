using System.Text.Json;

namespace Poolhouse.House.Tests;

/// <summary>The service's API model; the file itself is no part of the repository.</summary>
sealed class Model
{
    readonly JsonElement root;

    Model(JsonElement root) => this.root = root;

    /// <summary>The model named by POOLHOUSE_MODEL or lying beside the checkout, else null and a line that says so.</summary>
    public static Model? Load()
    {
        var path = Environment.GetEnvironmentVariable("POOLHOUSE_MODEL") ?? Path.Combine(Repository.Root, "..", "shared", "cognito", "model.json");
        if (File.Exists(path)) return new(JsonDocument.Parse(File.ReadAllText(path)).RootElement);
        Console.WriteLine("The API model does not lie beside the checkout: the tests that compare with it were left out.");
        return null;
    }

    public IEnumerable<string> Operations => root.GetProperty("operations").EnumerateObject().Select(operation => operation.Name);

    public bool IsUnsigned(string operation) =>
        Operation(operation).TryGetProperty("authtype", out var type) && type.GetString() == "none";

    public IReadOnlySet<string> Errors(string operation) => Operation(operation).TryGetProperty("errors", out var errors)
        ? errors.EnumerateArray().Select(error => error.GetProperty("shape").GetString()!).ToHashSet() : new HashSet<string>();

    public JsonElement Input(string operation) => Shape(Operation(operation).GetProperty("input"));

    public JsonElement? Output(string operation) => Operation(operation).TryGetProperty("output", out var output) ? Shape(output) : null;

    /// <summary>The members of a structure with their shapes.</summary>
    public IEnumerable<(string Name, JsonElement Shape, bool Required)> Members(JsonElement structure)
    {
        var required = structure.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
        return structure.GetProperty("members").EnumerateObject().Select(member => (member.Name, Shape(member.Value), required.Contains(member.Name)));
    }

    /// <summary>The structure that a shape is or holds.</summary>
    public JsonElement Structure(JsonElement shape) => Type(shape) switch
    {
        "structure" => shape,
        "list" => Structure(Shape(shape.GetProperty("member"))),
        "map" => Structure(Shape(shape.GetProperty("value"))),
        _ => default,
    };

    /// <summary>A member's bounds in one line, to be compared with ours.</summary>
    public string Describe(JsonElement shape, bool required) => string.Join(' ', new[]
    {
        required ? "required" : null,
        shape.TryGetProperty("sensitive", out _) ? "sensitive" : null,
        Rules(shape, ""),
        Type(shape) switch
        {
            "list" => Rules(Shape(shape.GetProperty("member")), "each "),
            "map" => Rules(Shape(shape.GetProperty("value")), "each "),
            _ => null,
        },
        Type(shape) == "map" ? Rules(Shape(shape.GetProperty("key")), "key ") : null,
    }.Where(part => !string.IsNullOrEmpty(part)));

    /// <summary>Bounds in words; a lower bound of 0 is none for a length.</summary>
    public static string Bounds(string what, long? min, long? max) =>
        what == "length" && min is null or 0 && max is null ? "" : $"{what} {min ?? 0}..{(max is null ? "" : max)}";

    public static string Enum(IEnumerable<string> values) => $"{{{string.Join(' ', values.Order(StringComparer.Ordinal))}}}";

    static string Rules(JsonElement shape, string prefix)
    {
        var rules = new List<string>();
        long? Number(string name) => shape.TryGetProperty(name, out var value) ? value.GetInt64() : null;
        if (Number("min") is not null || Number("max") is not null)
            rules.Add(Bounds(Type(shape) is "integer" or "long" ? "value" : "length", Number("min"), Number("max")));
        if (shape.TryGetProperty("pattern", out var pattern)) rules.Add($"/{pattern.GetString()}/");
        if (shape.TryGetProperty("enum", out var values)) rules.Add(Enum(values.EnumerateArray().Select(value => value.GetString()!)));
        return string.Join(' ', rules.Where(rule => rule.Length > 0).Select(rule => prefix + rule).Order(StringComparer.Ordinal));
    }

    static string Type(JsonElement shape) => shape.GetProperty("type").GetString()!;

    JsonElement Operation(string name) => root.GetProperty("operations").GetProperty(name);

    JsonElement Shape(JsonElement reference) => root.GetProperty("shapes").GetProperty(reference.GetProperty("shape").GetString()!);
}
