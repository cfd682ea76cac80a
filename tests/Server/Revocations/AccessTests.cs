using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Who may read the feed of a pool in `serve`, and for how long.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    const string Scope = "poolhouse/revocations.read";

    readonly Realm realm = new() { Serves = true };

    public ValueTask InitializeAsync() => realm.InitializeAsync();

    public ValueTask DisposeAsync() => realm.DisposeAsync();

    [Fact]
    public async Task A_machine_with_the_scope_reads_stream_and_snapshot()
    {
        var (_, token) = await Guard();
        await using var reader = await FeedReader.Open(realm.Server, realm.Pool, token: token);
        Assert.Equal(200, reader.Status);
        Assert.Equal(0, (await reader.Next("heartbeat")).Position.Seq);
        Assert.Equal(200, (await FeedSnapshot.Read(realm.Server, realm.Pool, token: token)).Status);
    }

    [Fact]
    public async Task Without_a_token_it_is_told_how_to_come_and_with_a_bad_one_what_is_wrong()
    {
        await Refused(401, null, null, "Bearer");
        await Refused(401, "invalid_token", "nonsense");
        var (_, token) = await Guard();
        await Refused(401, "invalid_token", token[..^2] + (token[^2] == 'A' ? "BA" : "AA"));
        realm.Clock.Advance(TimeSpan.FromHours(2));
        await Refused(401, "invalid_token", token);
    }

    [Fact]
    public async Task A_token_of_a_user_and_one_of_a_machine_without_the_scope_are_not_enough()
    {
        var user = await realm.SignIn(await realm.Client());
        await Refused(403, "insufficient_scope", user.Access);
        await Refused(401, "invalid_token", user.Id);
        var (machine, secret) = await realm.Machine($"""["api/read", "{Scope}"]""");
        await Refused(403, "insufficient_scope", (await Grant(machine, secret, "api/read")).Access);
    }

    [Fact]
    public async Task A_token_of_another_pool_learns_nothing_not_even_whether_the_pool_exists()
    {
        var (_, token) = await Guard();
        var other = await realm.Admin.Pool();
        foreach (var pool in (string[])[other, "us-east-1_Nobody"])
        {
            Assert.Equal(401, (await FeedSnapshot.Read(realm.Server, pool, token: token)).Status);
            await using var refused = await FeedReader.Open(realm.Server, pool, token: token);
            Assert.Equal((401, """{"error":"invalid_token","error_description":"The access token is not of this pool."}"""), (refused.Status, refused.Refusal.ToJsonString()));
        }
    }

    [Fact]
    public async Task The_stream_ends_as_it_should_when_the_token_does()
    {
        var (_, token) = await Guard();
        await using var reader = await FeedReader.Open(realm.Server, realm.Pool, token: token);
        await reader.Next("heartbeat");
        realm.Clock.Advance(TimeSpan.FromMinutes(59));
        await reader.Beat(realm.Clock);
        realm.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.All(await reader.ToTheEnd(), one => Assert.Equal("heartbeat", one.Name));
    }

    [Fact]
    public async Task The_stream_ends_when_its_client_is_deleted_and_goes_on_for_the_others()
    {
        var ((gone, token), (_, other)) = (await Guard(), await Guard());
        await using var reader = await FeedReader.Open(realm.Server, realm.Pool, token: token);
        await using var stays = await FeedReader.Open(realm.Server, realm.Pool, token: other);

        await realm.Admin.Call("DeleteUserPoolClient", new() { ["UserPoolId"] = realm.Pool, ["ClientId"] = gone });

        Assert.Equal(gone, (await reader.ToTheEnd()).Single(one => one.Name == "revoked").Value);
        Assert.Equal(gone, (await stays.Next("revoked")).Value);
        await stays.Beat(realm.Clock);
        await Refused(401, "invalid_token", token);
    }

    [Fact]
    public async Task The_stream_of_a_deleted_client_ends_in_the_middle_of_a_burst_too()
    {
        var (gone, token) = await Guard();
        await using var reader = await FeedReader.Open(realm.Server, realm.Pool, token: token);
        var crowd = new Crowd(realm.Server, realm.Pool);
        await crowd.Burst(10_000);
        await realm.Admin.Call("DeleteUserPoolClient", new() { ["UserPoolId"] = realm.Pool, ["ClientId"] = gone });
        await crowd.Burst(10_000);
        var told = (await reader.ToTheEnd()).FindLast(one => one.Name == "revoked")!;
        Assert.Equal((gone, 10_001), (told.Value, told.Position.Seq));
    }

    [Fact]
    public async Task The_scope_is_granted_to_a_machine_that_lists_it_and_asks_for_it_by_name()
    {
        var (guard, secret) = await realm.Machine($"""["api/read", "{Scope}"]""");
        Assert.Equal("api/read", await ScopeOf(await Grant(guard, secret)));
        Assert.Equal(Scope, await ScopeOf(await Grant(guard, secret, Scope)));
        Assert.Equal($"{Scope} api/read", await ScopeOf(await Grant(guard, secret, $"{Scope}+api/read")));
        var (machine, other) = await realm.Machine();
        Assert.Equal((400, "invalid_scope"), Realm.Refusal(await Ask(machine, other, Scope)));
        var (only, third) = await realm.Machine($"""["{Scope}"]""");
        Assert.Equal((400, "invalid_scope"), Realm.Refusal(await Ask(only, third)));
    }

    [Fact]
    public async Task The_scope_is_never_granted_to_a_user()
    {
        var (client, secret) = await realm.Confidential($$"""{"AllowedOAuthScopes": ["openid", "api/read", "{{Scope}}"]}""");
        Assert.Equal("openid", await ScopeOf(await realm.SignIn(client, $"openid {Scope}", secret)));
        var everything = Realm.Granted(await realm.Redeem(client, await realm.Code(client, ("scope", null)), basic: $"{client}:{secret}"));
        Assert.Equal("openid api/read", await ScopeOf(everything));
        // A public client cannot even list it.
        var listed = await Assert.ThrowsAsync<InvalidOperationException>(() => realm.Client($$"""{"AllowedOAuthScopes": ["{{Scope}}"]}"""));
        Assert.Contains("ScopeDoesNotExistException", listed.Message, StringComparison.Ordinal);
    }

    async Task<(string Client, string Token)> Guard()
    {
        var (client, secret) = await realm.Machine($"""["{Scope}"]""");
        return (client, (await Grant(client, secret, Scope)).Access);
    }

    async Task<IssuedTokens> Grant(string client, string secret, string? scope = null) => Realm.Granted(await Ask(client, secret, scope));

    Task<ApiReply> Ask(string client, string secret, string? scope = null) =>
        realm.App.Post("/oauth2/token", [("grant_type", "client_credentials"), .. Realm.Given("scope", scope)], $"{client}:{secret}");

    async Task<string> ScopeOf(IssuedTokens tokens) => (string)(await Claims.Verified(realm, tokens.Access))["scope"]!;

    async Task Refused(int status, string? error, string? token, string? challenge = null)
    {
        foreach (var path in (string[])["stream", "snapshot"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{realm.Issuer}/revocations/{path}");
            if (token is not null) request.Headers.Authorization = new("Bearer", token);
            using var reply = await realm.Server.Http.SendAsync(request);
            Assert.Equal(status, (int)reply.StatusCode);
            var told = reply.Headers.WwwAuthenticate.ToString();
            if (challenge is not null) Assert.Equal(challenge, told);
            else Assert.StartsWith($"Bearer error=\"{error}\", error_description=\"", told, StringComparison.Ordinal);
            Assert.Equal(error ?? "missing_token", (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["error"]);
        }
    }
}
