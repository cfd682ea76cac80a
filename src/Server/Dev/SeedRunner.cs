using System.Text;
using System.Text.Json;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Dev;

/// <summary>A seed file that cannot be run; the message names the call and what is wrong with it.</summary>
public sealed class SeedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Runs a seed file: an array of API calls, each <c>{"CreateUserPool": {…}, "Id": …, "Secret": …}</c>, through the same
/// dispatcher as the wire. Only here can ids be chosen. <c>{PublicUrl}</c> in the text stands for this server's URL.
/// </summary>
public sealed class SeedRunner(Database database, CognitoDispatcher dispatcher, ServerOptions server, SeedSource source)
{
    const string Done = "seeded";
    const string Region = "us-east-1";

    static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Seeds an empty database; one that was seeded before is left as it is. True if it was seeded now.</summary>
    public async Task<bool> RunOnce(CancellationToken cancel)
    {
        if (await new Meta(database).Get(Done, cancel) is not null) return false;
        await Run(cancel);
        await database.Write(tx => Meta.Set(tx, Done, "true"));
        return true;
    }

    /// <summary>Empties the database and seeds it again.</summary>
    public async Task Reset(CancellationToken cancel)
    {
        await database.Write(Wipe.All);
        await Run(cancel);
    }

    /// <summary>What the seed made, for people: names and values in the order of the file.</summary>
    public async Task<IReadOnlyList<(string Name, string Value)>> Describe(CancellationToken cancel)
    {
        using var file = Parse(await source.Read(cancel));
        var lines = new List<(string, string)>();
        foreach (var call in file.RootElement.EnumerateArray())
        {
            if (call.TryGetProperty("CreateUserPool", out _)) lines.Add(("User pool", Text(call, "Id") ?? "(generated id)"));
            if (call.TryGetProperty("CreateUserPoolClient", out var client))
            {
                var secret = Text(call, "Secret") ?? Text(client, "ClientSecret");
                lines.Add(("App client", $"{Text(call, "Id") ?? "(generated id)"}   {Text(client, "ClientName")}{(secret is null ? "" : $", secret {secret}")}"));
            }
            if (call.TryGetProperty("AdminSetUserPassword", out var user)) lines.Add(("User", $"{Text(user, "Username")}   password {Text(user, "Password")}"));
        }
        return lines;
    }

    async Task Run(CancellationToken cancel)
    {
        var text = (await source.Read(cancel)).Replace("{PublicUrl}", server.Root, StringComparison.Ordinal);
        using var file = Parse(text);
        var number = 0;
        foreach (var call in file.RootElement.EnumerateArray()) await Run(++number, call, cancel);
    }

    async Task Run(int number, JsonElement call, CancellationToken cancel)
    {
        if (call.ValueKind != JsonValueKind.Object) throw new SeedException($"Call {number} of the seed file is not an object.");
        var named = call.EnumerateObject().Where(member => member.Name is not ("Id" or "Secret")).ToList();
        if (named is not [var only]) throw new SeedException($"Call {number} of the seed file must name exactly one operation, beside Id and Secret.");
        var body = Encoding.UTF8.GetBytes(only.Value.GetRawText());
        if (await dispatcher.Seed(only.Name, Region, body, Text(call, "Id"), Text(call, "Secret"), cancel) is { } fault)
            throw new SeedException($"Call {number} of the seed file ({only.Name}) was refused: {fault}");
    }

    /// <summary>The array of calls; the caller disposes of it.</summary>
    public static JsonDocument Parse(string text)
    {
        try
        {
            var file = JsonDocument.Parse(text, Lenient);
            return file.RootElement.ValueKind == JsonValueKind.Array ? file : throw new SeedException("The seed file must hold an array of API calls.");
        }
        catch (JsonException broken)
        {
            throw new SeedException($"The seed file is not JSON: {broken.Message}", broken);
        }
    }

    /// <summary>A member that is text, or null.</summary>
    public static string? Text(JsonElement call, string name) =>
        call.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Where the seed comes from.</summary>
/// <param name="Path">A file, or null for the built-in seed.</param>
public sealed record SeedSource(string? Path)
{
    /// <summary>Reads the text.</summary>
    public async Task<string> Read(CancellationToken cancel)
    {
        if (Path is null)
        {
            using var reader = new StreamReader(typeof(SeedSource).Assembly.GetManifestResourceStream("seed.json")!);
            return await reader.ReadToEndAsync(cancel);
        }
        try
        {
            return await File.ReadAllTextAsync(Path, cancel);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new SeedException($"The seed file cannot be read: {missing.Message}", missing);
        }
    }
}
