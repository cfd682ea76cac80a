using System.Text.Json;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>The body of a request: one JSON object of at most 64 KB, read strictly. Whatever else comes is a 400 that says what is wrong.</summary>
sealed class SsfBody
{
    const int Most = 64 * 1024;

    static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    SsfBody(JsonElement json) => Json = json;

    public JsonElement Json { get; }

    public static async Task<SsfBody> Read(HttpRequest request, CancellationToken cancel)
    {
        // A page of another site cannot send this type unasked (a preflight comes first), which matters where no token is needed.
        if (!request.HasJsonContentType()) throw Bad("The Content-Type must be application/json.");
        var buffer = new byte[Most + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        if (length > Most) throw new FeedException(413, "invalid_request", "The body is longer than 64 KB.");
        try
        {
            using var document = JsonDocument.Parse(buffer.AsMemory(0, length), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? new(document.RootElement.Clone()) : throw Bad("The body must be a JSON object.");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw Bad("The body is not JSON.");
        }
    }

    public static FeedException Bad(string why) => new(400, "invalid_request", why);

    /// <summary>A member, unless it is absent or null.</summary>
    public JsonElement? Find(string name) => Find(Json, name);

    /// <summary>Whether a member is there, even as null.</summary>
    public bool Has(string name) => Json.TryGetProperty(name, out _);

    public string? Text(string name, int most) => Text(Json, name, most);

    public string Required(string name, int most) => Text(name, most) is { Length: > 0 } text ? text : throw Bad($"{name} is missing.");

    public static JsonElement? Find(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>A member that is a text without control characters, which no database and no log should have to take.</summary>
    public static string? Text(JsonElement json, string name, int most) => Find(json, name) is { } member ? Value(member, name, most) : null;

    public static string Value(JsonElement value, string name, int most)
    {
        try
        {
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= most && !text.Any(char.IsControl)) return text;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape is JSON to the parser and a text to nobody.
        }
        throw Bad($"{name} must be a text of at most {most} characters.");
    }
}
