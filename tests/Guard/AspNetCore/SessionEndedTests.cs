using System.Net.WebSockets;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.AspNetCore;

/// <summary>Connections that outlive the check at their beginning end with their session, within a second (security.md C23), and leave nothing behind.</summary>
public sealed class SessionEndedTests : IAsyncLifetime
{
    readonly string session = TokenForge.NewSession();
    SampleApi api = null!;

    public async ValueTask InitializeAsync() => api = await SampleApi.Start();

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Theory]
    [InlineData("session")]
    [InlineData("client")]
    [InlineData("pool")]
    public async Task Server_sent_events_end_with_the_session_the_client_and_the_pool(string kind)
    {
        api.Gate.SetResult();
        using var stream = await api.Call("/events", api.Forge.Access(session));
        await GuardPost.Until(() => api.Guard.Watching == 1);
        var revoked = TimeProvider.System.GetTimestamp();
        api.Issuer.Feed.Revoke(kind switch { "session" => session, "client" => TokenForge.Web, _ => "us-east-1_Fake00001" }, kind);
        Assert.EndsWith("data: ended\n\n", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(revoked).TotalMilliseconds, 0, 1000);
        await GuardPost.Until(() => api.Guard.Watching == 0);
    }

    [Fact]
    public async Task A_WebSocket_is_closed_when_its_session_is_revoked()
    {
        api.Gate.SetResult();
        using var socket = await api.Connect(api.Forge.Access(session));
        await GuardPost.Until(() => api.Guard.Watching == 1);
        var revoked = TimeProvider.System.GetTimestamp();
        api.Issuer.Feed.Revoke(session);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[16], default));
        Assert.InRange(TimeProvider.System.GetElapsedTime(revoked).TotalMilliseconds, 0, 1000);
        await GuardPost.Until(() => api.Guard.Watching == 0);
    }

    [Fact]
    public async Task A_revocation_between_the_check_and_the_call_is_not_missed()
    {
        var call = api.Call("/events", api.Forge.Access(session));
        await api.Reached.Task;
        api.Issuer.Feed.Revoke(session);
        await GuardPost.Until(() => api.Guard.Status.Entries == 1);
        api.Gate.SetResult();
        using var stream = await call;
        Assert.EndsWith("data: ended\n\n", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_revocation_is_missed_by_who_begins_to_follow_while_it_comes()
    {
        var token = (await api.Guard.CheckAsync(api.Forge.Access(session))).Token!;
        for (var round = 0; round < 200; round++)
        {
            var one = TokenForge.NewSession();
            var followed = (await api.Guard.CheckAsync(api.Forge.Access(one))).Token!;
            var revoking = Task.Run(() => api.Issuer.Feed.Revoke(one));
            using var subscription = api.Guard.Watch(followed);
            await revoking;
            await GuardPost.Until(() => subscription.Ended.IsCancellationRequested);
        }
        Assert.False(api.Guard.Watch(token).Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Other_sessions_go_on_and_a_connection_that_ends_is_forgotten()
    {
        api.Gate.SetResult();
        var streams = new List<HttpResponseMessage>();
        for (var at = 0; at < 20; at++) streams.Add(await api.Call("/events", api.Forge.Access()));
        await GuardPost.Until(() => api.Guard.Watching == 20);
        api.Issuer.Feed.Revoke(session);
        await GuardPost.Until(() => api.Guard.Status.Entries == 1);
        Assert.Equal(20, api.Guard.Watching);
        foreach (var stream in streams) stream.Dispose();
        await GuardPost.Until(() => api.Guard.Watching == 0);
    }

    [Fact]
    public async Task A_callback_that_throws_or_waits_holds_up_nobody()
    {
        var token = (await api.Guard.CheckAsync(api.Forge.Access(session))).Token!;
        using var release = new ManualResetEventSlim();
        using (var throws = api.Guard.Watch(token))
        using (var waits = api.Guard.Watch(token))
        using (var other = api.Guard.Watch(token))
        {
            throws.Ended.Register(() => throw new InvalidOperationException("on purpose"));
            waits.Ended.Register(release.Wait);
            api.Issuer.Feed.Revoke(session);
            await GuardPost.Until(() => other.Ended.IsCancellationRequested && api.Log.Count("5013") == 1);
            api.Issuer.Feed.Revoke(TokenForge.NewSession());
            await GuardPost.Until(() => api.Guard.Status.Entries == 2);
            release.Set();
        }
    }
}
