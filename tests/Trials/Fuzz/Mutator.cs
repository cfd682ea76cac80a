using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Trials.Fuzz;

/// <summary>Spoils what is good: texts letter by letter, JSON member by member.</summary>
sealed class Mutator(Chance chance)
{
    const int Most = 65_536;

    static readonly string[] Strange =
    [
        "", "\0", "%00", "%FF%FE", "%", "%2", "%2e%2e/", "../", "..;/", "//", "\\", "\r\n", "\t", "\u0085", "\u2028", "\uFEFF", "\u202E", "é", "e\u0301", "İ", "ß", "\U0001F9A9", "&", "&&", "=", "==", ";", ",", "'", "\"", "`", "<", "]]>", "{{7*7}}", "${x}", "' or 1=1 --",
        "-1", "0", "00", "1e999", "-0", "NaN", "9223372036854775807", "9223372036854775808", "18446744073709551616", "0x10", "2147483648", "1.5", "null", "true", "[]", "{}", "[[[[", "{\"a\":{\"a\":", "=", "AAAA", "eyJ", ".", "..", "*", "?", "#", "@", ":", "://", "http://", "javascript:", "localhost", "127.0.0.1", "[::1]",
    ];

    static readonly string[] StrangeJson =
    [
        "null", "true", "false", "0", "-1", "1e400", "1.5", "9223372036854775808", "\"\"", "[]", "{}", "[null]", "[[]]", "{\"\":null}", "\"\\u0000\"", "\"\\uFFFF\"", "\" \"", "\"\\n\"", "[1,\"a\",{}]", "{\"$type\":\"x\"}",
    ];

    public Chance Chance { get; } = chance;

    /// <summary>One of several texts, changed in a few places.</summary>
    public string Text(IReadOnlyList<string> good)
    {
        var text = new StringBuilder(Chance.One(good));
        for (var changes = Chance.Between(0, 4); changes > 0; changes--) Change(text, good);
        return text.Length > Most ? text.ToString(0, Most) : text.ToString();
    }

    public string Text(string good) => Text([good]);

    /// <summary>JSON, changed in a few places; sometimes it is no JSON any more.</summary>
    public string Json(string good)
    {
        var root = JsonNode.Parse(good)!;
        for (var changes = Chance.Between(0, 3); changes > 0; changes--) root = Change(root);
        var text = root.ToJsonString();
        if (Chance.Of(0.05)) text = Doubled(text);
        // Halves of surrogate pairs cannot be written as JSON by the framework; they are put in as text.
        if (Chance.Of(0.05)) text = text.Replace("\"", Chance.One(["\"\\ud800", "\"\\udc00"]), StringComparison.Ordinal);
        text = Chance.Of(0.15) ? Text(text) : text;
        return text.Length <= Most ? text : Json(good);
    }

    void Change(StringBuilder text, IReadOnlyList<string> good)
    {
        var at = Chance.Below(text.Length + 1);
        var count = Math.Min(text.Length - at, Chance.Of(0.1) ? Chance.Below(2000) : Chance.Below(12));
        switch (Chance.Below(9))
        {
            case 0 when at < text.Length:
                text[at] = (char)(Chance.Of(0.9) ? Chance.Between(1, 126) : Chance.Below(0x10000));
                break;
            case 1 when at < text.Length:
                text[at] ^= (char)(1 << Chance.Below(7));
                break;
            case 2:
                text.Remove(at, count);
                break;
            case 3:
                text.Insert(at, text.ToString(at, count));
                break;
            case 4:
                var other = Chance.One(good);
                var from = Chance.Below(other.Length + 1);
                text.Insert(at, other[from..Math.Min(other.Length, from + Chance.Below(40))]);
                break;
            case 5 when Chance.Of(0.1):
                text.Insert(at, Chance.One(Strange.Append("x").ToArray()), Chance.Below(8_000));
                break;
            case 6:
                text.Remove(at, count).Insert(at, Chance.One(Strange));
                break;
            case 7 when count > 0:
                var part = text.ToString(at, count);
                text.Remove(at, count).Insert(at, Chance.Of(0.5) ? part.ToUpperInvariant() : Uri.EscapeDataString(Whole(part)));
                break;
            default:
                text.Insert(at, Chance.One(Strange));
                break;
        }
    }

    JsonNode Change(JsonNode root)
    {
        var places = new List<(JsonNode Parent, string? Name, int At)>();
        Collect(root, places);
        if (places.Count == 0) return JsonNode.Parse(Chance.One(StrangeJson)) ?? new JsonObject();
        var (parent, name, at) = Chance.One(places);
        var fresh = Fresh(parent, name, at);
        if (parent is JsonObject members)
        {
            if (Chance.Of(0.15)) members.Remove(name!);
            else if (Chance.Of(0.1)) members[Text(name!)] = fresh;
            else members[name!] = fresh;
        }
        else ((JsonArray)parent)[at] = fresh;
        return root;
    }

    JsonNode? Fresh(JsonNode parent, string? name, int at)
    {
        var old = parent is JsonObject members ? members[name!] : ((JsonArray)parent)[at];
        return Chance.Below(6) switch
        {
            0 or 1 when old is JsonValue value && value.TryGetValue<string>(out var text) => JsonValue.Create(Whole(Text(text))),
            2 => JsonValue.Create(new string('x', Chance.One([1, 129, 257, 2049, 5000, 60_000]))),
            3 when old is not null => new JsonArray([.. Enumerable.Range(0, Chance.One([1, 2, 60, 400])).Select(_ => old.DeepClone())]),
            4 when Chance.Of(0.3) => JsonNode.Parse(string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40))),
            _ => JsonNode.Parse(Chance.One(StrangeJson)),
        };
    }

    static string Doubled(string json) => json.Length > 2 && json[0] == '{' ? $"{{{json[1..^1]},{json[1..]}" : $"[{json},{json}]";

    static string Whole(string text) => new(text.Select(one => char.IsSurrogate(one) ? '?' : one).ToArray());

    static void Collect(JsonNode? node, List<(JsonNode, string?, int)> places)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                places.Add((node, name, 0));
                Collect(value, places);
            }
        }
        else if (node is JsonArray list)
        {
            for (var at = 0; at < list.Count; at++)
            {
                places.Add((node, null, at));
                Collect(list[at], places);
            }
        }
    }
}
