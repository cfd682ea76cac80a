using System.Text.Json.Serialization;
using Poolhouse.Server.Dev.Inbox;
using Poolhouse.Server.Dev.Playground;
using Poolhouse.Server.Http.Pages;
using Poolhouse.Storage;

namespace Poolhouse.Server.Dev;

/// <summary>
/// What only `poolhouse dev` has. Nothing here has CORS, and what changes anything refuses other origins.
///   GET  /           Playground            GET /dev/sample   the playground's guarded API
///   GET  /dev/inbox  every message that would have gone out, as a page or as JSON
///   POST /dev/reset  empties the database and seeds it again
/// </summary>
static class DevRoutes
{
    public static void AddDev(this IServiceCollection services, DevOptions dev) =>
        services.AddSingleton(dev).AddSingleton<PlaygroundClient>().AddSingleton<SampleGuard>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        PlaygroundRoutes.Map(routes);
        routes.MapGet("/dev/inbox", ReadInbox);
        routes.MapPost("/dev/reset", Reset);
    }

    static async Task<IResult> ReadInbox(HttpContext context, MessageStore store, string? username, CancellationToken cancel)
    {
        var messages = (await store.Latest(500, cancel)).Where(sent => sent.Message is { } message && (string.IsNullOrEmpty(username) || Concerns(message, username)))
            .Select(sent => Item(sent, sent.Message!)).ToList();
        context.Response.Headers.CacheControl = "no-store";
        if (!WantsPage(context.Request)) return TypedResults.Json(messages, DevJson.Default.ListInboxItem);
        PageHeaders.Apply(context.Response);
        return InboxPage.Create(new(messages, username));
    }

    static async Task<IResult> Reset(HttpRequest request, SeedRunner seed, CancellationToken cancel)
    {
        // A page of another site must not be able to empty a developer's database.
        var foreign = request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none");
        if (foreign || (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}")) return TypedResults.StatusCode(403);
        await seed.Reset(cancel);
        return TypedResults.NoContent();
    }

    static bool Concerns(OutgoingMessage message, string username) =>
        string.Equals(message.Username, username, StringComparison.OrdinalIgnoreCase) || string.Equals(message.To.Address, username, StringComparison.OrdinalIgnoreCase);

    static InboxItem Item(QueuedMessage sent, OutgoingMessage message) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(message.At), message.Kind, message.Pool, message.Username, message.To.Medium, message.To.Address,
        message.Text?.Subject, message.Text?.Body, message.Code, message.Text?.Link, sent.Trouble);

    static bool WantsPage(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The JSON of the dev routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<InboxItem>))]
sealed partial class DevJson : JsonSerializerContext;
