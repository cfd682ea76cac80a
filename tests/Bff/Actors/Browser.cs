using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>A reply as a browser has it.</summary>
sealed record Reply(int Status, string Body, string? Location, string[] SetCookies, HttpResponseMessage Http)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string? Reason => (string?)Json["reason"];

    public string? Header(string name) => Http.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}

/// <summary>A browser that keeps cookies and follows a sign-in; it finds the nodes behind the public name by itself. It remembers every byte that the app sent.</summary>
sealed partial class Browser(Cluster cluster) : IDisposable
{
    static readonly (string, string)[] SameOrigin = [("X-Bff", "1"), ("Sec-Fetch-Site", "same-origin")];

    readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 100,
        // SecureSite's own, which nobody has signed.
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=app.test" },
    }) { Timeout = TimeSpan.FromSeconds(100) };

    /// <summary>What the app has set, by name.</summary>
    public ConcurrentDictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>What the provider has set.</summary>
    public ConcurrentDictionary<string, string> ProviderCookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Heads and bodies of all replies of the app.</summary>
    public ConcurrentQueue<string> Seen { get; } = [];

    public string? Handle => Cookies.GetValueOrDefault("__Host-Http-bff");

    /// <summary>A call as the page makes it.</summary>
    public Task<Reply> Call(string path, int node = 0, string method = "GET", string? body = null) => Send(method, path, node, SameOrigin, body);

    public Task<Reply> Session(int node = 0) => Call("/bff/session", node);

    public Task<Reply> Token(int node = 0) => Call("/bff/token", node, "POST");

    /// <summary>A navigation that the user or a page of the app begins.</summary>
    public Task<Reply> Go(string path, int node = 0) => Send("GET", path, node, [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]);

    /// <summary>One request with exactly these headers and the app's cookies.</summary>
    public async Task<Reply> Send(string method, string path, int node, (string Name, string Value)[] headers, string? body = null)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(cluster.Nodes[node].Address, path));
        if (body is not null) request.Content = new StringContent(body);
        return await Send(request, headers, Cookies, Seen);
    }

    /// <summary>Signs in with the provider's page, and ends at the page that goes on to the app.</summary>
    public async Task<Reply> SignIn(string user, int node = 0, int? callbackNode = null, string returnUrl = "/")
    {
        var answer = await ProviderAnswer(await Go($"/bff/login?returnUrl={Uri.EscapeDataString(returnUrl)}", node), user);
        var reply = await Callback(answer, callbackNode ?? node);
        Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}\n{string.Join('\n', cluster.Log.TakeLast(5))}");
        return reply;
    }

    /// <summary>Goes to where the provider sends the browser with its answer: a navigation that another site has begun.</summary>
    public Task<Reply> Callback(string answer, int node = 0)
    {
        Assert.StartsWith($"{cluster.Url}/bff/callback?", answer, StringComparison.Ordinal);
        return Send("GET", new Uri(answer).PathAndQuery, node, [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]);
    }

    /// <summary>From the redirect to the provider to the address that the provider answers to.</summary>
    public async Task<string> ProviderAnswer(Reply login, string user)
    {
        Assert.True(login.Status == 302, $"{login.Status} {login.Body}\n{string.Join('\n', cluster.Log.TakeLast(5))}");
        var reply = await AtProvider("GET", login.Location!);
        while (reply.Location is { } next && !next.StartsWith(cluster.Url, StringComparison.Ordinal)) reply = await AtProvider("GET", next);
        if (reply.Location is { } silent) return silent;
        var csrf = CsrfField().Match(reply.Body).Groups[1].Value;
        reply = await AtProvider("POST", reply.Http.RequestMessage!.RequestUri!.ToString(), ("username", user), ("password", IdentityProvider.Password), ("_csrf", csrf));
        return reply.Location ?? throw new InvalidOperationException($"{reply.Status} {reply.Body}");
    }

    public async Task<Reply> AtProvider(string method, string url, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(new Uri(cluster.Provider.Server.Url), url));
        if (form.Length > 0) request.Content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        return await Send(request, [], ProviderCookies, null);
    }

    public void Dispose() => http.Dispose();

    async Task<Reply> Send(HttpRequestMessage request, (string Name, string Value)[] headers, ConcurrentDictionary<string, string> cookies, ConcurrentQueue<string>? seen)
    {
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (!cookies.IsEmpty) request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        var reply = await http.SendAsync(request);
        var body = await reply.Content.ReadAsStringAsync();
        string[] lines = reply.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [];
        foreach (var line in lines)
        {
            var (name, value) = line.Split(';')[0].Split('=', 2) is [var first, var second] ? (first, second) : throw new InvalidOperationException(line);
            if (value.Length == 0) cookies.TryRemove(name, out _);
            else cookies[name] = value;
        }
        seen?.Enqueue($"{reply.Headers}{reply.Content.Headers}\n{body}");
        return new((int)reply.StatusCode, body, reply.Headers.TryGetValues("Location", out var where) ? where.Single() : null, lines, reply);
    }

    [GeneratedRegex("name=\"_csrf\" value=\"([^\"]*)\"")]
    private static partial Regex CsrfField();
}
