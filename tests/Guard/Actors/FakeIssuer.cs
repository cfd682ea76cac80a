using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>An issuer that answers the guard's own requests in memory as the test says, and writes down what it was asked.</summary>
sealed class FakeIssuer(TimeProvider time, string pool = FakeIssuer.Pool) : HttpMessageHandler
{
    public const string Pool = "https://id.example.com/us-east-1_Fake00001";

    int tokens;
    int pending;

    /// <summary>What it publishes.</summary>
    public List<ForgedKey> Keys { get; set; } = [ForgedKey.Rsa("first")];

    public FakeFeed Feed { get; } = new(time);

    /// <summary>Whether nobody can reach it.</summary>
    public bool Away { get; set; }

    /// <summary>Answers in place of the key set.</summary>
    public Func<CancellationToken, Task<HttpResponseMessage>>? InsteadOfKeys { get; set; }

    /// <summary>What introspection says of a token: active, inactive, or null for an answer of 500.</summary>
    public Func<string, bool?> Introspected { get; set; } = _ => true;

    /// <summary>What introspection waits for before it answers.</summary>
    public Func<CancellationToken, Task> BeforeIntrospection { get; set; } = _ => Task.CompletedTask;

    public int TokenLifetime { get; set; } = 3600;

    /// <summary>Whether the feed wants the token that was issued last.</summary>
    public bool WantsToken { get; set; }

    /// <summary>Every request: method and address without the pool.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Requests that have no answer yet.</summary>
    public int Pending => Volatile.Read(ref pending);

    public TokenForge Forge => new(pool, Keys[0], time);

    public int Count(string what) => Requests.Count(one => one.Contains(what, StringComparison.Ordinal));

    public void Publish(params string[] kids) => Keys = [.. kids.Select(kid => ForgedKey.Rsa(kid))];

    public static HttpResponseMessage Json(string text, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    public string KeySet() => new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(key => (JsonNode)key.Jwk())]) }.ToJsonString();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref pending);
        try
        {
            return await Answer(request, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref pending);
        }
    }

    async Task<HttpResponseMessage> Answer(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        Requests.Enqueue($"{request.Method} {uri.AbsoluteUri.Replace(pool, "", StringComparison.Ordinal)}");
        // A real handler never answers on the caller's stack.
        await Task.Yield();
        if (Away) throw new HttpRequestException("Nobody is there.");
        if (!uri.AbsoluteUri.StartsWith(pool, StringComparison.Ordinal)) return new(HttpStatusCode.NotFound);
        return uri.AbsoluteUri[pool.Length..] switch
        {
            "/.well-known/jwks.json" => InsteadOfKeys is { } other ? await other(cancellationToken) : Json(KeySet()),
            "/.well-known/openid-configuration" => Json($$"""{"issuer":"{{pool}}","token_endpoint":"{{pool}}/token","introspection_endpoint":"{{pool}}/introspect"}"""),
            "/token" => Json($$"""{"access_token":"machine-{{Interlocked.Increment(ref tokens)}}","expires_in":{{TokenLifetime}},"token_type":"Bearer"}"""),
            "/introspect" => await Introspect(await request.Content!.ReadAsStringAsync(cancellationToken), cancellationToken),
            _ when WantsToken && request.Headers.Authorization?.Parameter != $"machine-{tokens}" => new(HttpStatusCode.Unauthorized),
            _ => Feed.Answer(uri),
        };
    }

    async Task<HttpResponseMessage> Introspect(string form, CancellationToken cancel)
    {
        await BeforeIntrospection(cancel);
        var token = Uri.UnescapeDataString(form.Split('&')[0]["token=".Length..]);
        return Introspected(token) is { } active ? Json($$"""{"active":{{(active ? "true" : "false")}}}""") : new(HttpStatusCode.InternalServerError);
    }
}
