using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Core.Clients;
using Poolhouse.Server.Http.Pages;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Dev.Playground;

/// <summary>
/// The playground: the life of three tokens as something to watch.
///   GET /                        PlaygroundPage, one page with its own scripts (playground*.js)
///   GET /dev/playground/config   which pool and client the page plays with, and the seeded user
///   GET /dev/sample              SampleApi, the API that the page calls
/// Everything else that the page does it does with the calls that an app makes: /oauth2/*, /logout, and POST /.
/// </summary>
static class PlaygroundRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Page);
        routes.MapGet("/dev/playground/config", Config);
        routes.MapGet("/dev/sample", SampleApi.Handle);
    }

    static IResult Page(HttpResponse response)
    {
        PageHeaders.Apply(response);
        response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
        // Without a referrer a POST of the page's own says "Origin: null", and /dev/reset takes no origin but this one.
        response.Headers["Referrer-Policy"] = "same-origin";
        return PlaygroundPage.Create();
    }

    static async Task<IResult> Config(
        HttpResponse response, PoolStore pools, PlaygroundClient clients, ServerOptions server, SeedSource seed, CancellationToken cancel)
    {
        response.Headers.CacheControl = "no-store";
        var redirect = clients.RedirectUri;
        if (await clients.Find(cancel) is not { } client || await pools.Find(client.PoolId, cancel) is not { } pool)
            return TypedResults.Json(new PlaygroundConfig(server.Root, redirect), PlaygroundJson.Default.PlaygroundConfig);
        return TypedResults.Json(
            new PlaygroundConfig(server.Root, redirect, server.IssuerOf(pool), pool.Region, pool.Id, client.Id, client.Name, client.AllowedScopes, await User(seed, pool.Id, cancel)),
            PlaygroundJson.Default.PlaygroundConfig);
    }

    // The start-up text prints the same name and password: a seed is no secret of anybody.
    static async Task<SeededUser?> User(SeedSource seed, string poolId, CancellationToken cancel)
    {
        using var file = SeedRunner.Parse(await seed.Read(cancel));
        foreach (var call in file.RootElement.EnumerateArray())
        {
            if (call.ValueKind == JsonValueKind.Object && call.TryGetProperty("AdminSetUserPassword", out var user)
                && SeedRunner.Text(user, "UserPoolId") == poolId && SeedRunner.Text(user, "Username") is { } name && SeedRunner.Text(user, "Password") is { } password)
                return new(name, password);
        }
        return null;
    }
}

/// <summary>The app client that the page plays with.</summary>
sealed class PlaygroundClient(ClientStore clients, ServerOptions server)
{
    const int Considered = 100;

    /// <summary>The page's own address.</summary>
    public string RedirectUri => server.Root + "/";

    /// <summary>The oldest client that fits, or null.</summary>
    public async Task<AppClient?> Find(CancellationToken cancel)
    {
        foreach (var id in await clients.Oldest(Considered, cancel))
        {
            // A page keeps no secret, so it can only be a public client; and the code comes back to this page alone.
            if (await clients.Find(id, cancel) is { IsConfidential: false } client && client.AllowsGrant("code") && client.CallbackUrls.Contains(RedirectUri))
                return client;
        }
        return null;
    }
}

/// <summary>What the page plays with; without a client there is none that could come back to this page.</summary>
public sealed record PlaygroundConfig(
    string PublicUrl, string RedirectUri, string? Issuer = null, string? Region = null, string? PoolId = null, string? ClientId = null,
    string? ClientName = null, IReadOnlyList<string>? Scopes = null, SeededUser? User = null);

/// <summary>A user whose password the seed file names.</summary>
public sealed record SeededUser(string Username, string Password);

/// <summary>The JSON of the playground.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlaygroundConfig))]
[JsonSerializable(typeof(SampleGreeting))]
[JsonSerializable(typeof(SampleRefusal))]
sealed partial class PlaygroundJson : JsonSerializerContext;
