using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Poolhouse.Bff.Proxy;
using Poolhouse.Bff.Store;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

public sealed class ProxyTests(IdentityProvider provider, SharedCluster shared) : IClassFixture<SharedCluster>
{
    [Fact]
    public async Task A_call_goes_on_with_the_token_and_without_what_the_browser_sent_of_credentials()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        var reply = await browser.Send("POST", "/api/orders/7?open=1&x=%2F", 0, [("X-Bff", "1"), ("Authorization", "Bearer mine"), ("Origin", "https://app.test"), ("X-Custom", "kept"), ("X-Forwarded-For", "1.2.3.4")], "text");
        Assert.Equal((200, "POST /orders/7 text"), (reply.Status, reply.Body));
        var got = cluster.Api.Last;
        Assert.Equal(($"Bearer {(await cluster.Held(browser)).State.Tokens!.Access}", "/orders/7?open=1&x=%2F", "kept"), (got.Authorization, got.Target, got.Headers["X-Custom"]));
        Assert.Equal(new Uri(cluster.Api.Url).Authority, got.Host);
        Assert.DoesNotContain(got.Headers.Keys, name => name is "Cookie" or "X-Bff" or "Origin" || name.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Sec-Fetch", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Without_a_session_a_call_is_401_in_JSON_and_reaches_no_API()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = new Browser(cluster);
        var reply = await browser.Call("/api/orders");
        Assert.Equal((401, """{"reason":null}""", "application/json"), (reply.Status, reply.Body, reply.Http.Content.Headers.ContentType!.MediaType));
        Assert.Empty(cluster.Api.Calls);
    }

    [Theory]
    [InlineData("/api/..%2fadmin")]
    [InlineData("/api/..%2Fadmin")]
    [InlineData("/api/%2e%2e/admin")]
    [InlineData("/api/%2e%2e%2fadmin")]
    [InlineData("/api/x/..%5cadmin")]
    [InlineData("/api/x\\..\\admin")]
    [InlineData("/api/..%252fadmin")]
    [InlineData("/api/%252e%252e/admin")]
    [InlineData("/api/a%2fb")]
    [InlineData("/api//evil.example/")]
    [InlineData("/api/%2fevil.example/")]
    [InlineData("/api/..;/admin")]
    [InlineData("/api/x/%00")]
    [InlineData("/%61pi/orders")]
    [InlineData("/api/../api/orders")]
    [InlineData("http://evil.example/api/orders")]
    public async Task A_path_that_could_leave_the_API_is_refused(string target)
    {
        var (cluster, browser) = (shared.Cluster, shared.Browser);
        cluster.Api.Calls.Clear();
        var status = await Raw(cluster, browser, target);
        Assert.True(status is 400 or 404, $"{target}: {status}");
        Assert.Empty(cluster.Api.Calls);
    }

    [Theory]
    [InlineData("/api", "/")]
    [InlineData("/api/@evil.example/x", "/@evil.example/x")]
    [InlineData("/api/evil.example:80/", "/evil.example:80/")]
    [InlineData("/api/%40me?next=//evil.example", "/%40me?next=//evil.example")]
    [InlineData("/api/a%20b/100%25", "/a%20b/100%25")]
    public async Task What_only_looks_like_an_address_stays_a_path_of_the_API(string target, string arrives)
    {
        var (cluster, browser) = (shared.Cluster, shared.Browser);
        cluster.Api.Calls.Clear();
        Assert.Equal(200, await Raw(cluster, browser, target));
        Assert.Equal((arrives, new Uri(cluster.Api.Url).Authority), (cluster.Api.Last.Target, cluster.Api.Last.Host));
    }

    [Theory]
    [InlineData("/apixyz")]
    [InlineData("/api@evil.example/")]
    [InlineData("/API.evil/x")]
    public async Task What_only_begins_like_the_prefix_is_not_passed_on(string target)
    {
        var (cluster, browser) = (shared.Cluster, shared.Browser);
        cluster.Api.Calls.Clear();
        Assert.Equal(404, await Raw(cluster, browser, target));
        Assert.Empty(cluster.Api.Calls);
    }

    [Theory]
    [InlineData("/shop/api/x", "/shop/api", "/x")]
    [InlineData("/api", "/api", "")]
    [InlineData("/api?a=..%2f", "/api", "")]
    [InlineData("/apix", "/api", null)]
    [InlineData("/api/./x", "/api", null)]
    [InlineData("/api/%25252e%25252e/x", "/api", null)]
    public void The_rest_of_a_path_is_what_comes_after_the_prefix(string target, string prefix, string? rest) => Assert.Equal(rest, SafePath.After(target, prefix));

    [Fact]
    public async Task A_redirect_is_not_followed_and_what_an_API_may_not_set_for_this_site_is_taken_off()
    {
        var (cluster, browser) = (shared.Cluster, shared.Browser);
        cluster.Api.Calls.Clear();
        var redirect = await browser.Call("/api/redirect");
        Assert.Equal((302, "http://elsewhere.example/"), (redirect.Status, redirect.Location));
        var handle = browser.Handle;
        var reply = await browser.Call("/api/cookie");
        Assert.Equal((200, handle), (reply.Status, browser.Handle));
        Assert.DoesNotContain(reply.Http.Headers, header => header.Key is "Set-Cookie" or "Clear-Site-Data" || header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Target_base_path_methods_and_groups_hold()
    {
        string? url = null;
        await using var cluster = await Cluster.Start(provider, new(Routes: app =>
        {
            app.MapBffApi("/read", $"{url ?? "http://127.0.0.1:1"}/v1", api => api.Methods = ["GET"]);
            app.MapGroup("/shop").MapBffApi("/api", "http://127.0.0.1:1");
        }));
        using var browser = await cluster.SignedIn();
        Assert.Equal(405, (await browser.Call("/read/x", method: "POST")).Status);
        Assert.Equal(502, (await browser.Call("/read/x")).Status);
        Assert.Equal(502, (await browser.Call("/shop/api/x")).Status);
        Assert.Equal(400, await Raw(cluster, browser, "/shop/api/..%2fx"));
    }

    [Theory]
    [InlineData("api", "https://a.example")]
    [InlineData("/api/", "https://a.example")]
    [InlineData("/", "https://a.example")]
    [InlineData("/{x}", "https://a.example")]
    [InlineData("/api", "https://user@a.example")]
    [InlineData("/api", "https://a.example/")]
    [InlineData("/api", "ftp://a.example")]
    [InlineData("/api", "/local")]
    public async Task A_map_that_is_not_fixed_is_refused_at_the_start(string prefix, string target) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Cluster.Start(provider, new(Routes: app => app.MapBffApi(prefix, target))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_WebSocket_passes_and_ends_with_its_session_wherever_that_is_ended(int endedAt)
    {
        await using var cluster = await Cluster.Start(provider, new(Nodes: 2, Options: options => options.WatchEvery = TimeSpan.FromSeconds(1)));
        using var browser = await cluster.SignedIn();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"__Host-Http-bff={browser.Handle}");
        socket.Options.SetRequestHeader("Origin", "https://app.test");
        await socket.ConnectAsync(new UriBuilder(new Uri(cluster.Nodes[0].Address, "/api/ws")) { Scheme = "ws" }.Uri, default);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, default);
        var buffer = new byte[100];
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, default)).Count));
        Assert.StartsWith("Bearer ", cluster.Api.Last.Authorization, StringComparison.Ordinal);

        Assert.True(await cluster.Nodes[endedAt].Service<BffSessions>().EndAsync(SessionVault.IdOf(browser.Handle)!));
        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            if ((await socket.ReceiveAsync(buffer, default).WaitAsync(TimeSpan.FromSeconds(20))).MessageType == WebSocketMessageType.Close) throw new WebSocketException("closed");
        });
    }

    // HttpClient would tidy the path up.
    static async Task<int> Raw(Cluster cluster, Browser browser, string target)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(cluster.Nodes[0].Address.Host, cluster.Nodes[0].Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: app.test\r\nX-Bff: 1\r\nCookie: __Host-Http-bff={browser.Handle}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        var line = await reader.ReadToEndAsync();
        return int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
