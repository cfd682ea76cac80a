using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Dev;

public class PlaygroundTests
{
    const string Client = "poolhousepublicdemoclient1";

    [Fact]
    public async Task The_sample_api_lets_a_token_in_until_its_session_is_revoked()
    {
        await using var server = await PoolhouseTestServer.Start(seeded: true);
        var tokens = await new Admin(server).SignIn(Client, "demo", "Poolhouse-1");

        var (status, greeting, _) = await Sample(server, (string?)tokens["AccessToken"]);
        Assert.Equal((200, "demo"), (status, (string?)greeting["username"]));

        using var form = new FormUrlEncodedContent([new("client_id", Client), new("token", (string?)tokens["RefreshToken"])]);
        Assert.True((await server.Http.PostAsync(server.Url + "/oauth2/revoke", form)).IsSuccessStatusCode);

        var (refused, refusal, challenge) = await Sample(server, (string?)tokens["AccessToken"]);
        // The guard hears of it by the feed, some milliseconds after the reply.
        for (var until = Environment.TickCount64 + 1000; refused == 200 && Environment.TickCount64 < until;)
            (refused, refusal, challenge) = await Sample(server, (string?)tokens["AccessToken"]);
        Assert.Equal((401, "invalid_token"), (refused, (string?)refusal["error"]));
        Assert.Equal("Bearer error=\"invalid_token\", error_description=\"The session of this access token has been revoked.\"", challenge);
    }

    [Fact]
    public async Task The_sample_api_takes_access_tokens_alone_and_tells_who_brings_none_how_to()
    {
        await using var server = await PoolhouseTestServer.Start(seeded: true);
        var tokens = await new Admin(server).SignIn(Client, "demo", "Poolhouse-1");

        foreach (var other in (string?[])[(string?)tokens["IdToken"], (string?)tokens["RefreshToken"], "no.such.token"])
            Assert.Equal("invalid_token", (string?)(await Sample(server, other)).Body["error"]);
        var (status, body, challenge) = await Sample(server, null);
        Assert.Equal((401, "missing_token", "Bearer"), (status, (string?)body["error"], challenge));
    }

    [Fact]
    public async Task The_page_runs_its_own_scripts_only_and_plays_with_the_seeded_client()
    {
        await using var server = await PoolhouseTestServer.Start(seeded: true);
        using var page = await server.Http.GetAsync(server.Url + "/");
        Assert.Contains("default-src 'none'; script-src 'self'; ", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var config = JsonNode.Parse(await server.Http.GetStringAsync(server.Url + "/dev/playground/config"))!;
        Assert.Equal((Client, server.Url + "/", "demo"), ((string?)config["clientId"], (string?)config["redirectUri"], (string?)config["user"]!["username"]));
    }

    [Fact]
    public async Task A_server_without_a_client_for_the_page_says_so()
    {
        await using var server = await PoolhouseTestServer.Start();
        await new Admin(server).Pool();
        var config = JsonNode.Parse(await server.Http.GetStringAsync(server.Url + "/dev/playground/config"))!;
        Assert.Null(config["clientId"]);
        Assert.Equal(server.Url + "/", (string?)config["redirectUri"]);
    }

    static async Task<(int Status, JsonNode Body, string? Challenge)> Sample(PoolhouseTestServer server, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url + "/dev/sample");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var reply = await server.Http.SendAsync(request);
        return ((int)reply.StatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync())!, reply.Headers.TryGetValues("WWW-Authenticate", out var values) ? values.Single() : null);
    }
}
