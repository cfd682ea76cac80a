using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Commands.Checks;

/// <summary>What clients see at PublicUrl, through whatever stands before the server: the right server, by the right name, with the right keys.</summary>
sealed class AddressChecks : IDisposable
{
    // No pool has such a name: what is answered then still says who answers.
    const string NoPool = "us-east-1_Doctor000";
    static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    readonly ServerOptions server;
    readonly HttpClient http;
    DateTimeOffset? certificateEnds;

    public AddressChecks(ServerOptions server)
    {
        this.server = server;
        http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = See },
        })
        { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1024 * 1024 };
    }

    public void Dispose() => http.Dispose();

    public async Task<List<Finding>> Run(StoredPool? stored, CancellationToken cancel)
    {
        var issuer = $"{server.Root}/{stored?.Pool.Id ?? NoPool}";
        var (finding, document) = await Fetch("issuer", $"{issuer}/.well-known/openid-configuration", cancel);
        if (document is null) return [finding!];
        using (document)
        {
            List<Finding> found = [.. Certificate()];
            if (stored is null) return [.. found, Finding.Ok("issuer", $"{server.Root} answers; there is no pool to look at")];
            if (Issuer(document.RootElement, server.IssuerOf(stored.Pool)) is { } wrong) return [.. found, wrong];
            return [.. found, Finding.Ok("issuer", server.IssuerOf(stored.Pool)), await Keys(issuer, document.RootElement, stored, cancel)];
        }
    }

    static Finding? Issuer(JsonElement document, string wanted) => Text(document, "issuer") is var named && named == wanted ? null
        : Finding.Fail("issuer", $"The server at Server:PublicUrl names the issuer {Shown(named)}, by these settings it is {wanted}. Another server answers there, or one with other settings.");

    async Task<Finding> Keys(string issuer, JsonElement document, StoredPool stored, CancellationToken cancel)
    {
        var url = $"{issuer}/.well-known/jwks.json";
        if (Text(document, "jwks_uri") is var named && named != url) return Finding.Fail("key set", $"Discovery names {Shown(named)} where {url} is right.");
        var (finding, set) = await Fetch("key set", url, cancel);
        if (set is null) return finding!;
        using (set)
        {
            if (!set.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array) return Finding.Fail("key set", $"{url} holds no keys.");
            var kids = keys.EnumerateArray().Select(key => Text(key, "kid")).ToHashSet(StringComparer.Ordinal);
            return stored.Kids is null || kids.SetEquals(stored.Kids) ? Finding.Ok("key set", $"{kids.Count} keys, those of the database")
                : Finding.Fail("key set", $"{url} holds other keys than the database: a server with another database answers there, or a cache keeps an old answer.");
        }
    }

    // Either a JSON document, or what is wrong.
    async Task<(Finding? Wrong, JsonDocument? Document)> Fetch(string about, string url, CancellationToken cancel)
    {
        try
        {
            using var reply = await http.GetAsync(new Uri(url), cancel);
            var body = await reply.Content.ReadAsStringAsync(cancel);
            return Wrong(reply, body) is { } wrong ? (Finding.Fail(about, $"{url}: {wrong}"), null) : (null, JsonDocument.Parse(body));
        }
        catch (HttpRequestException failed)
        {
            return (Finding.Fail(about, $"{url}: {Reason(failed)}"), null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Finding.Fail(about, $"{url}: no answer within {http.Timeout.TotalSeconds:0} s. Is a firewall between?"), null);
        }
        catch (JsonException)
        {
            return (Finding.Fail(about, $"{url}: the answer is no JSON. Something else than Poolhouse answers there."), null);
        }
    }

    static string? Wrong(HttpResponseMessage reply, string body)
    {
        if (reply.Headers.Contains("X-Poolhouse-Dev")) return "a development server answers there, which lets everybody in.";
        if (body == HostGuard.Refused)
            return "the server was called by another name: the proxy does not pass the Host header on. Let it (nginx: proxy_set_header Host $host), or add the name to Server:Hosts.";
        return reply.StatusCode switch
        {
            HttpStatusCode.OK => null,
            // In JSON, a missing pool is our own answer to the name that no pool has.
            HttpStatusCode.NotFound when body.StartsWith("{\"message\":\"User pool ", StringComparison.Ordinal) && body.Contains(NoPool, StringComparison.Ordinal) => null,
            HttpStatusCode.NotFound => "there is no such thing there. Another server, another database, or a proxy that changes paths.",
            >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest =>
                $"it leads to {Shown(reply.Headers.Location?.OriginalString)}. Server:PublicUrl must be the URL that answers itself.",
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                $"{(int)reply.StatusCode}: the proxy reaches no server that is ready. Look at /readyz behind it.",
            var status => $"it answers {(int)status}.",
        };
    }

    static string Reason(HttpRequestException failed) => failed.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "the name does not resolve. Is the DNS record there?",
        HttpRequestError.ConnectionError => "nobody listens there. Does `poolhouse serve` run, and the proxy before it?",
        HttpRequestError.SecureConnectionError => $"no TLS that clients accept: {Finding.Line(failed.InnerException ?? failed)}",
        _ => Finding.Line(failed),
    };

    IEnumerable<Finding> Certificate()
    {
        if (certificateEnds is { } end && end - TimeProvider.System.GetUtcNow() < Soon) yield return Finding.Warn("tls", $"The certificate at {server.Root} ends on {end:u}.");
    }

    bool See(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is X509Certificate2 seen) certificateEnds = new DateTimeOffset(seen.NotAfter);
        return errors == SslPolicyErrors.None;
    }

    static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Somebody else's text: one short line of it.
    static string Shown(string? text) => text is null ? "nothing" : new string([.. text.Split('?')[0].Where(one => one is > ' ' and <= '~').Take(200)]);
}
