using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Bff.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>OpenID Connect Back-Channel Logout 1.0 §2.4 to §2.8, row by row. The tokens are signed with the pool's own key.</summary>
public sealed class BackchannelTests(IdentityProvider provider)
{
    const string Event = "http://schemas.openid.net/event/backchannel-logout";
    static int jtis;

    [Theory]
    [InlineData("sid")]
    [InlineData("sub")]
    [InlineData("both")]
    public async Task A_logout_token_ends_the_session_that_it_names(string by)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        using var other = await cluster.SignedIn();
        var claims = await Claims(cluster, browser);
        if (by == "sub") claims.Remove("sid");
        if (by == "sid") claims.Remove("sub");
        Assert.Equal(200, await Post(cluster, await Sign(claims)));
        Assert.Equal("signed-out", (await browser.Session()).Reason);
        Assert.Equal(200, (await other.Token()).Status);
    }

    /// <summary>What is changed in a good token; every row must be refused.</summary>
    public static TheoryData<string, string?> Bad => new()
    {
        { "iss", "\"https://evil.example\"" }, { "iss", null }, { "aud", "\"another\"" }, { "aud", null }, { "events", null }, { "events", "{}" }, { "events", $"\"{Event}\"" },
        { "events", $$"""{"{{Event}}": "yes"}""" }, { "nonce", "\"n\"" }, { "jti", null }, { "iat", null }, { "exp", null }, { "exp", "past" }, { "exp", "far" },
        { "sid+sub", null }, { "typ", "\"JWT\"" }, { "typ", null }, { "alg", "\"none\"" }, { "alg", "\"HS256\"" }, { "kid", "\"unknown\"" }, { "signature", "" }, { "sub", "\"somebody else\"" },
    };

    [Theory, MemberData(nameof(Bad))]
    public async Task A_token_that_is_not_exactly_right_ends_nothing(string claim, string? value)
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        var claims = await Claims(cluster, browser);
        var header = new JsonObject { ["typ"] = "logout+jwt", ["alg"] = "RS256" };
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        foreach (var name in claim.Split('+'))
        {
            var target = name is "typ" or "alg" or "kid" ? header : claims;
            target.Remove(name);
            if (value is "past" or "far") target[name] = value == "past" ? now - 60 : now + 600;
            else if (value is { Length: > 0 }) target[name] = JsonNode.Parse(value);
        }
        var token = await Sign(claims, header);
        if (claim == "signature") token = token[..^8] + "AAAAAAAA";
        var status = await Post(cluster, token);
        // A user whom this session is not of: the token is good, and there is nothing for it to end.
        Assert.Equal(claim == "sub" ? 200 : 400, status);
        Assert.True((bool)(await browser.Session()).Json["signedIn"]!);
    }

    [Fact]
    public async Task A_token_is_good_once_on_all_nodes()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Nodes: 2));
        using var browser = await cluster.SignedIn();
        var token = await Sign(await Claims(cluster, browser));
        Assert.Equal(200, await Post(cluster, token));
        Assert.Equal(400, await Post(cluster, token));
        Assert.Equal(400, await Post(cluster, token, node: 1));
    }

    [Fact]
    public async Task An_ID_token_is_no_logout_token()
    {
        await using var cluster = await Cluster.Start(provider);
        using var browser = await cluster.SignedIn();
        Assert.Equal(400, await Post(cluster, (await cluster.Held(browser)).State.Tokens!.Id!));
        Assert.Equal(400, await Post(cluster, "text"));
        Assert.Equal(400, await Post(cluster, new string('x', 20_000)));
        using var empty = await new HttpClient().PostAsync(new Uri(cluster.Nodes[0].Address, "/bff/backchannel-logout"), null);
        Assert.Equal(400, (int)empty.StatusCode);
    }

    async Task<JsonObject> Claims(Cluster cluster, Browser browser)
    {
        var (state, now) = ((await cluster.Held(browser)).State, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        return new()
        {
            ["iss"] = provider.Authority, ["aud"] = cluster.Client.Id, ["iat"] = now, ["exp"] = now + 110, ["jti"] = $"j{Interlocked.Increment(ref jtis)}",
            ["events"] = new JsonObject { [Event] = new JsonObject() }, ["sid"] = state.ProviderSession, ["sub"] = state.Subject,
        };
    }

    async Task<string> Sign(JsonObject claims, JsonObject? header = null)
    {
        var key = (await provider.Server.Service<SigningKeyStore>().Signing(provider.Pool)).Id;
        header ??= new() { ["typ"] = "logout+jwt", ["alg"] = "RS256" };
        header["kid"] ??= key.Kid;
        var head = $"{Encode(header)}.{Encode(claims)}";
        if ((string?)header["alg"] == "none") return head + ".";
        var signature = new byte[256];
        key.Sign(Encoding.ASCII.GetBytes(head), signature);
        return $"{head}.{Base64Url.EncodeToString(signature)}";
    }

    static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    static async Task<int> Post(Cluster cluster, string token, int node = 0)
    {
        using var http = new HttpClient();
        using var reply = await http.PostAsync(new Uri(cluster.Nodes[node].Address, "/bff/backchannel-logout"), new FormUrlEncodedContent([new("logout_token", token)]));
        return (int)reply.StatusCode;
    }
}
