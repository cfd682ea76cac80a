using Poolhouse.Guard.AspNetCore;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.AspNetCore;

/// <summary>What an API behind the guard answers: RFC 6750 §3 for a token, and 503 where a session must not be thrown away.</summary>
public sealed class ReplyTests : IAsyncLifetime
{
    const string OtherPool = "https://id.example.com/us-east-1_Other0002";

    SampleApi api = null!;

    public async ValueTask InitializeAsync() => api = await SampleApi.Start();

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Without_a_token_the_challenge_names_no_error()
    {
        foreach (var header in (string?[])[null, "Basic YTpi", "Bearer", "Bearers x", ""])
            Assert.Equal((401, "Bearer"), await api.Told("/me", header is null ? [] : [header]));
    }

    [Fact]
    public async Task A_bad_token_is_invalid_and_the_reason_is_said()
    {
        var forge = api.Forge;
        (string Token, string Reason)[] cases =
        [
            ("a.b.c", "The access token is not valid."),
            (forge.Access(null, ("exp", forge.Now)), "The access token has expired."),
            (forge.Access(null, ("nbf", forge.Now + 60)), "The access token is not valid yet."),
            (forge.Id(), "This is not the kind of token that is taken here."),
            (forge.Access(null, ("client_id", "other")), "The access token was made for another app client."),
            (new TokenForge(OtherPool, forge.Key, api.Clock).Access(), "The access token comes from another issuer."),
        ];
        foreach (var (token, reason) in cases)
            Assert.Equal((401, $"Bearer error=\"invalid_token\", error_description=\"{reason}\""), await api.Told("/me", $"Bearer {token}"));
    }

    [Fact]
    public async Task A_revoked_session_is_told_so()
    {
        var session = TokenForge.NewSession();
        var token = api.Forge.Access(session);
        Assert.Equal((200, ""), await api.Told("/me", $"Bearer {token}"));
        api.Issuer.Feed.Revoke(session);
        await GuardPost.Until(() => api.Guard.Status.Entries == 1);
        Assert.Equal((401, "Bearer error=\"invalid_token\", error_description=\"The session of the access token has been revoked.\""), await api.Told("/me", $"Bearer {token}"));
    }

    [Fact]
    public async Task Scopes_groups_and_roles_are_403_with_what_is_missing()
    {
        var bearer = $"Bearer {api.Forge.Access()}";
        foreach (var path in (string[])["/read", "/coaches", "/staff"]) Assert.Equal((200, ""), await api.Told(path, bearer));
        Assert.Equal((403, "Bearer error=\"insufficient_scope\", scope=\"api/read api/write\""), await api.Told("/write", bearer));
        foreach (var path in (string[])["/owners", "/admins"]) Assert.Equal((403, "Bearer error=\"insufficient_scope\""), await api.Told(path, bearer));
        Assert.Equal((403, 200), ((await api.Told("/coaches", $"Bearer {api.Forge.Machine()}")).Status, (await api.Told("/read", $"Bearer {api.Forge.Machine()}")).Status));
    }

    [Fact]
    public async Task A_scope_is_a_whole_word()
    {
        foreach (var scope in (string[])["api/reader", "xapi/read", "API/READ", "api/read,openid", ""])
            Assert.Equal(403, (await api.Told("/read", $"Bearer {api.Forge.Access(null, ("scope", scope))}")).Status);
    }

    [Fact]
    public async Task Two_tokens_in_one_request_are_none()
    {
        var (one, other) = ($"Bearer {api.Forge.Access()}", $"Bearer {api.Forge.Access()}");
        Assert.Equal(401, (await api.Told("/me", one, other)).Status);
        Assert.Equal(401, (await api.Told("/me", $"{one}, {other}")).Status);
        Assert.Equal(401, (await api.Told("/me", $"{one} x")).Status);
        Assert.Equal((200, 200), ((await api.Told("/me", one)).Status, (await api.Told("/me", one.Replace("Bearer ", "bearer   ", StringComparison.Ordinal))).Status));
    }

    [Fact]
    public async Task A_token_elsewhere_than_in_the_header_is_none() => Assert.Equal((401, "Bearer"), await api.Told($"/me?access_token={api.Forge.Access()}"));

    [Fact]
    public async Task An_open_route_lets_a_bad_token_by()
    {
        Assert.Equal((200, ""), await api.Told("/open", "Bearer a.b.c"));
        api.Lose(61);
        Assert.Equal((200, ""), await api.Told("/open", $"Bearer {api.Forge.Access()}"));
    }

    [Fact]
    public async Task Claims_names_and_the_token_are_the_handlers()
    {
        var token = api.Forge.Access(null, ("version", 2), ("flag", true), ("address", new System.Text.Json.Nodes.JsonObject { ["a"] = 1 }));
        var me = (await (await api.Call("/me", token)).Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(["ana", CognitoGuardExtensions.DefaultScheme], me[..2]);
        Assert.Superset(new HashSet<string> { "username=ana", "cognito:groups=coaches", "cognito:groups=staff", "version=2", "flag=true", "address={\"a\":1}" }, me[2..].ToHashSet());
        Assert.Equal(token, await (await api.Call("/token", token)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_stale_guard_marks_the_reply_and_a_blind_one_says_when_to_come_again()
    {
        var token = api.Forge.Access();
        Assert.False((await api.Call("/me", token)).Headers.Contains("x-revocation-lag"));
        api.Lose(4);
        Assert.Equal(["4"], (await api.Call("/me", token)).Headers.GetValues("x-revocation-lag"));
        api.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((503, 200), ((await api.Told("/critical", $"Bearer {token}")).Status, (await api.Told("/me", $"Bearer {token}")).Status));
        api.Clock.Advance(TimeSpan.FromSeconds(60));
        using var blind = await api.Call("/me", token);
        Assert.Equal((503, 5.0, 0), ((int)blind.StatusCode, blind.Headers.RetryAfter!.Delta!.Value.TotalSeconds, blind.Headers.WwwAuthenticate.Count));
        foreach (var path in (string[])["/patient", "/emergency", "/action"]) Assert.Equal(["66"], (await api.Call(path, token)).Headers.GetValues("x-revocation-lag"));
        Assert.Equal((1, 0), (api.Log.Count("because of: emergency calls"), api.Log.Count("because of: an action")));
        api.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((503, 200), ((await api.Told("/patient", $"Bearer {token}")).Status, (await api.Told("/action", $"Bearer {token}")).Status));
        Assert.Equal(1, api.Log.Count("because of: an action"));
    }

    [Fact]
    public async Task An_option_that_does_not_hold_stops_the_start_of_the_host() =>
        Assert.Contains("ClientIds", (await Assert.ThrowsAsync<ArgumentException>(() => SampleApi.Start(given => given.ClientIds = []))).Message, StringComparison.Ordinal);
}
