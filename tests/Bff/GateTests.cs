using System.Net.WebSockets;
using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>Calls that a page of ours has not made (RFC 10017 §6.1.3.3); the sibling subdomain is the one that SameSite does not stop.</summary>
public sealed class GateTests(IdentityProvider provider, SharedCluster shared) : IClassFixture<SharedCluster>
{
    const string Own = "https://app.test";

    /// <summary>Headers of a call, and whether it may pass.</summary>
    public static TheoryData<string, bool> Callers => new()
    {
        { "X-Bff=1|Sec-Fetch-Site=same-origin", true },
        { $"X-Bff=1|Sec-Fetch-Site=same-origin|Origin={Own}", true },
        { $"X-Bff=1|Origin={Own}", true },
        { "X-Bff=1", true },
        { "", false },
        { "X-Bff=0", false },
        { "X-Bff=1|X-Bff=1", false },
        { "Sec-Fetch-Site=same-origin", false },
        { $"Origin={Own}", false },
        { "X-Bff=1|Sec-Fetch-Site=same-site", false },
        { "X-Bff=1|Sec-Fetch-Site=same-site|Origin=https://evil.app.test", false },
        { "X-Bff=1|Sec-Fetch-Site=cross-site", false },
        { "X-Bff=1|Sec-Fetch-Site=none", false },
        { "X-Bff=1|Origin=https://evil.app.test", false },
        { "X-Bff=1|Origin=http://app.test", false },
        { "X-Bff=1|Origin=https://app.test:8443", false },
        { "X-Bff=1|Origin=null", false },
        { $"X-Bff=1|Sec-Fetch-Site=same-site|Origin={Own}", false },
    };

    [Theory, MemberData(nameof(Callers))]
    public async Task Only_a_page_of_the_same_origin_calls(string headers, bool passes)
    {
        var (cluster, browser) = (shared.Cluster, shared.Browser);
        cluster.Api.Calls.Clear();
        (string, string)[] given = [.. headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1]))];
        foreach (var (method, path) in new[] { ("GET", "/bff/session"), ("POST", "/bff/token"), ("GET", "/api/orders"), ("POST", "/api/orders"), ("DELETE", "/api/orders") })
            Assert.Equal((path, method, passes ? 200 : 403), (path, method, (await browser.Send(method, path, 0, given)).Status));
        Assert.Equal(passes ? 3 : 0, cluster.Api.Calls.Count);
    }

    [Fact]
    public async Task Nothing_answers_the_question_whether_another_origin_may_send_the_header()
    {
        var browser = shared.Browser;
        foreach (var path in new[] { "/bff/session", "/bff/token", "/api/orders" })
        {
            var reply = await browser.Send("OPTIONS", path, 0, [("Origin", "https://evil.app.test"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-bff")]);
            Assert.DoesNotContain(reply.Http.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
            Assert.Contains(reply.Status, (int[])[403, 405]);
        }
    }

    [Theory]
    [InlineData("same-origin", 303)]
    [InlineData("none", 303)]
    [InlineData("same-site", 200)]
    [InlineData("cross-site", 200)]
    [InlineData(null, 200)]
    public async Task A_navigation_signs_out_only_if_our_page_or_the_user_began_it_and_else_asks(string? site, int status)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        var reply = await browser.Send("GET", "/bff/logout", 0, site is null ? [] : [("Sec-Fetch-Site", site)]);
        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 200, browser.Handle is not null);
        if (status == 200) Assert.Contains("<form method=\"post\"", reply.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin", 303)]
    [InlineData("Origin", "https://app.test", 303)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Origin", "https://evil.app.test", 403)]
    [InlineData("Accept", "*/*", 403)]
    public async Task A_form_signs_out_only_if_it_is_ours(string header, string value, int status)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        Assert.Equal(status, (await browser.Send("POST", "/bff/logout", 0, [(header, value)])).Status);
    }

    [Theory]
    [InlineData("https://app.test", null, true)]
    [InlineData("https://app.test", "same-origin", true)]
    [InlineData("https://evil.app.test", "same-site", false)]
    [InlineData("https://evil.app.test", null, false)]
    [InlineData(null, null, false)]
    public async Task A_WebSocket_says_where_it_comes_from(string? origin, string? site, bool passes)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"__Host-Http-bff={shared.Browser.Handle}");
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        if (site is not null) socket.Options.SetRequestHeader("Sec-Fetch-Site", site);
        var connected = await Connect(socket, shared.Cluster);
        Assert.Equal(passes, connected);
    }

    static async Task<bool> Connect(ClientWebSocket socket, Cluster cluster)
    {
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(cluster.Nodes[0].Address, "/api/ws")) { Scheme = "ws" }.Uri, default);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }
}
