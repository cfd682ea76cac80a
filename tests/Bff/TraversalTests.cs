using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>Paths that want to leave the API, or to take its token to another host: from a browser, which tidies them up, and from a socket, which does not.</summary>
public sealed class TraversalTests(IdentityProvider provider)
{
    static IEnumerable<string> Paths(string evil) =>
    [
        "/shop/..%2f", "/shop/..%2fadmin", "/shop/%2e%2e/", "/shop/%2e%2e/admin", "/shop/.%2e/admin", "/shop/%2e/%2e%2e/admin", "/shop/x/../../admin", "/shop/x/..%5c..%5cadmin", "/shop/\\..\\admin",
        "/shop/;/..;/admin", "/shop/..;/admin", "/shop/..;x=y/admin", "/shop/%3b/%2e%2e%3b/admin", "/shop/..%c0%afadmin", "/shop/%c0%ae%c0%ae/admin", "/shop/..%252fadmin", "/shop/%25252e%25252e/admin",
        $"/shop//{evil}/", $"/shop/%2f{evil}/", $"/shop/@{evil}/", $"/shop/:@{evil}/", $"/shop/\\{evil}/", $"/shop/%5c{evil}/", $"/shop/%40{evil}", $"/shop/http://{evil}/", $"/shop/http:%2f%2f{evil}/",
        $"/shop@{evil}/", $"/shop.{evil}/", $"/shop%40{evil}/", $"/shop:80@{evil}/", $"/shop%2f..%2f..%2f@{evil}/", $"/shop/#@{evil}/", $"/shop/?@{evil}/../../", $"/shop/x?next=//{evil}/",
        "/shop/%0d%0aHost:%20evil", $"/shop/%0d%0a%0d%0aGET%20http://{evil}/%20HTTP/1.1", "/shop/%00", "/shop/%09", "/shop/x%0ay", "/shop/%e2%80%a4%e2%80%a4/admin", "/shop/%ef%bc%8e%ef%bc%8e/admin",
    ];

    [Fact]
    public async Task From_a_browser_nothing_leaves_the_API()
    {
        await using var field = await Field.Start();
        await using var site = await SecureSite.Start(provider, field.Route);
        await site.SignIn(await provider.User(), "/first");
        foreach (var path in Paths(field.EvilHost))
            await site.Browser.Run($"fetch({System.Text.Json.JsonSerializer.Serialize(path)}, {{ headers: {{ 'X-Bff': '1' }}, redirect: 'manual' }}).then(reply => reply.status, () => 'refused')");
        field.Holds();
        Assert.NotEmpty(field.Api.Calls);
    }

    [Fact]
    public async Task From_a_socket_nothing_leaves_the_API()
    {
        await using var field = await Field.Start();
        await using var cluster = await Cluster.Start(provider, new(Routes: field.Route));
        using var browser = await cluster.SignedIn();
        var evil = field.EvilHost;
        string[] heads =
        [
            .. Paths(evil).Select(path => $"GET {path} HTTP/1.1\r\nHost: app.test"),
            // The absolute form (RFC 9112 §3.2.2), the authority form, and hosts that somebody else has written.
            $"GET http://{evil}/shop/x HTTP/1.1\r\nHost: {evil}", $"GET http://{evil}/shop/x HTTP/1.1\r\nHost: app.test", $"GET https://app.test@{evil}/shop/x HTTP/1.1\r\nHost: app.test", $"CONNECT {evil} HTTP/1.1\r\nHost: {evil}",
            $"GET /shop/x HTTP/1.1\r\nHost: {evil}", $"GET /shop/x HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-Host: {evil}\r\nForwarded: host={evil}", $"GET //{evil}/shop/x HTTP/1.1\r\nHost: app.test",
            // Line ends that were not encoded, and a second request inside the first.
            $"GET /shop/x\r\nHost: {evil}\r\n HTTP/1.1\r\nHost: app.test", $"GET /shop/x HTTP/1.1\nHost: {evil}\r\nHost: app.test", $"GET /shop/\0 HTTP/1.1\r\nHost: app.test", $"GET /shop/\t@{evil} HTTP/1.1\r\nHost: app.test",
            $"POST /shop/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n0\r\n\r\nGET http://{evil}/ HTTP/1.1",
        ];
        foreach (var head in heads) await Send(cluster, $"{head}\r\nX-Bff: 1\r\nCookie: __Host-Http-bff={browser.Handle}\r\nConnection: close\r\n\r\n");
        field.Holds();
        Assert.NotEmpty(field.Api.Calls);
    }

    static async Task Send(Cluster cluster, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(cluster.Nodes[0].Address.Host, cluster.Nodes[0].Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream);
        try
        {
            await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // What is no request may be cut off.
        }
    }

    /// <summary>An API under a path of its host, and a host that must hear nothing.</summary>
    sealed class Field(EchoApi api, EchoApi evil) : IAsyncDisposable
    {
        public EchoApi Api => api;

        public string EvilHost => new Uri(evil.Url).Authority;

        public static async Task<Field> Start() => new(await EchoApi.Start(), await EchoApi.Start());

        public void Route(WebApplication app) => app.MapBffApi("/shop", api.Url + "/v1/shop");

        public void Holds()
        {
            Assert.Empty(evil.Calls);
            Assert.All(api.Calls, call =>
            {
                Assert.Equal(new Uri(api.Url).Authority, call.Host);
                Assert.True(call.Target == "/v1/shop" || call.Target.StartsWith("/v1/shop/", StringComparison.Ordinal) || call.Target.StartsWith("/v1/shop?", StringComparison.Ordinal), call.Target);
                // As the most generous of servers would read it.
                var path = call.Target.Split('?')[0];
                for (var round = 0; round < 3; round++) path = Uri.UnescapeDataString(path).Replace('\\', '/');
                Assert.DoesNotContain(path.Split('/'), segment => segment.Split(';')[0] is "." or "..");
                Assert.DoesNotContain("//", path, StringComparison.Ordinal);
            });
        }

        public async ValueTask DisposeAsync()
        {
            await api.DisposeAsync();
            await evil.DisposeAsync();
        }
    }
}
