using System.Collections;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;

namespace Poolhouse.Core.Constraints;

/// <summary>
/// The constraints of one request record, read once through its source-generated metadata (so that nothing is lost to
/// trimming) and checked in one walk that collects every violation.
/// </summary>
public sealed class ConstraintCheck
{
    readonly Member[] members;

    /// <summary>Reads the declared constraints of a record.</summary>
    public ConstraintCheck(JsonTypeInfo type)
    {
        Type = type.Type;
        members = [.. type.Properties.Select(property => new Member(property))];
    }

    /// <summary>The record.</summary>
    public Type Type { get; }

    /// <summary>The members with their rules, for the documents and tests that are generated from them.</summary>
    public IReadOnlyList<Member> Members => members;

    /// <summary>The message that names every violated constraint, or null if there is none.</summary>
    public string? Violations(object request)
    {
        var found = new Findings();
        Walk(request, "", found);
        return found.Message;
    }

    internal void Walk(object record, string path, Findings found)
    {
        foreach (var member in members) member.Check(member.Property.Get!(record), path, found);
    }
}

/// <summary>The violations found so far; bounded, since a caller decides how many there are.</summary>
sealed class Findings
{
    const int Most = 100;
    readonly List<string> found = [];

    public bool Full => found.Count >= Most;

    public void Add(string subject, string clause)
    {
        if (!Full) found.Add($"{subject} failed to satisfy constraint: {clause}");
    }

    public string? Message => found.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture,
        $"{found.Count} validation error{(found.Count == 1 ? "" : "s")} detected: {string.Join("; ", found)}");
}

/// <summary>One member of a record with the rules for itself, its elements and its keys.</summary>
public sealed class Member
{
    readonly string wireName;
    readonly bool scalarElements;
    readonly Lazy<ConstraintCheck?> nested;

    internal Member(JsonPropertyInfo property)
    {
        Property = property;
        wireName = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
        // A positional parameter carries the attributes itself; an init property carries them as a property.
        var declared = (property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(typeof(Attribute), true) ?? [])
            .Concat(property.AttributeProvider?.GetCustomAttributes(typeof(Attribute), true) ?? [])
            .Distinct().ToArray();
        var constraints = declared.OfType<ConstraintAttribute>().ToArray();
        Required = declared.OfType<RequiredAttribute>().Any() || (!property.IsSetNullable && !property.PropertyType.IsValueType);
        Sensitive = declared.OfType<SensitiveAttribute>().Any() || constraints.OfType<FormatAttribute>().Any(format => format.Sensitive);
        Rules = RulesOn(Part.Member);
        EachRules = RulesOn(Part.Each);
        KeyRules = RulesOn(Part.Keys);
        // Of a nullable number the metadata calls the number its element: only lists and maps have any here.
        ElementType = property.Options.GetTypeInfo(property.PropertyType) is { Kind: JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary } list
            ? list.ElementType : null;
        scalarElements = ElementType == typeof(string) || ElementType?.IsValueType == true;
        nested = new(() => property.Options.GetTypeInfo(ElementType ?? property.PropertyType) is { Kind: JsonTypeInfoKind.Object } type
            ? new ConstraintCheck(type) : null);

        Rule[] RulesOn(Part part) => [.. constraints.Where(constraint => constraint.On == part).SelectMany(constraint => constraint.Rules)];
    }

    /// <summary>The member's metadata.</summary>
    public JsonPropertyInfo Property { get; }

    /// <summary>Whether it must be present.</summary>
    public bool Required { get; }

    /// <summary>Whether its value is left out of messages.</summary>
    public bool Sensitive { get; }

    /// <summary>The rules for the member itself.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>The rules for each element or map value.</summary>
    public IReadOnlyList<Rule> EachRules { get; }

    /// <summary>The rules for each map key.</summary>
    public IReadOnlyList<Rule> KeyRules { get; }

    /// <summary>The type of a list's elements or a map's values, else null.</summary>
    public Type? ElementType { get; }

    /// <summary>The constraints of the record that the member is or holds, else null.</summary>
    public ConstraintCheck? Nested => nested.Value;

    internal void Check(object? value, string path, Findings found)
    {
        if (found.Full) return;
        var at = path + wireName;
        if (value is null)
        {
            if (Required) found.Add(Sensitive ? $"Value at '{at}'" : $"Value null at '{at}'", "Member must not be null");
            return;
        }
        foreach (var rule in Rules)
            if (rule.Violated(value) is { } clause) found.Add(Subject(value, at), clause);
        if (value is IDictionary map) CheckMap(map, at, found);
        else if (ElementType is not null) CheckList((IEnumerable)value, at, found);
        else if (value is not string && !Property.PropertyType.IsValueType) Nested?.Walk(value, at + ".", found);
    }

    void CheckList(IEnumerable list, string at, Findings found)
    {
        if (scalarElements)
        {
            if (list.Cast<object?>().Any(element => Broken(EachRules, element)))
                found.Add(Subject(list, at), $"Member must satisfy constraint: [{Clauses(EachRules)}]");
            return;
        }
        var index = 0;
        foreach (var element in list)
        {
            if (found.Full) return;
            var here = string.Create(CultureInfo.InvariantCulture, $"{at}.{++index}.member");
            if (element is null) found.Add($"Value null at '{here}'", "Member must not be null");
            else Nested?.Walk(element, here + ".", found);
        }
    }

    void CheckMap(IDictionary map, string at, Findings found)
    {
        if (map.Keys.Cast<object>().Any(key => Broken(KeyRules, key)))
            found.Add(Subject(map, at), $"Map keys must satisfy constraint: [{Clauses(KeyRules)}]");
        // A null in a map is an entry that was left out, as it is elsewhere: amazon-cognito-identity-js sends DEVICE_KEY so.
        if (map.Values.Cast<object?>().Any(value => value is not null && Broken(EachRules, value)))
            found.Add(Subject(map, at), $"Map value must satisfy constraint: [{Clauses(EachRules)}]");
    }

    static bool Broken(IReadOnlyList<Rule> rules, object? value)
    {
        if (value is null) return true;
        foreach (var rule in rules)
            if (rule.Violated(value) is not null) return true;
        return false;
    }

    static string Clauses(IReadOnlyList<Rule> rules) =>
        rules.Count == 0 ? "Member must not be null" : string.Join(", ", rules.SelectMany(rule => rule.Clauses));

    string Subject(object value, string at) =>
        Sensitive || Shown(value) is not { } shown ? $"Value at '{at}'" : $"Value '{shown}' at '{at}'";

    /// <summary>The value as the message repeats it; a record is left out, because its own members may be sensitive.</summary>
    string? Shown(object value) => value switch
    {
        string text => Cut(text),
        IDictionary map => Cut($"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{key}={map[key]}"))}}}"),
        IEnumerable list when scalarElements || !list.Cast<object?>().Any() => Cut($"[{string.Join(", ", list.Cast<object?>())}]"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    static string Cut(string text) => text.Length <= 1024 ? text : text[..1024] + "…";
}
