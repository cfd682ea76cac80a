using Microsoft.Extensions.Time.Testing;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A server of its own with one pool, whose sessions a test ends, and somebody who wants to hear of it without a token.</summary>
public sealed class Signed : IAsyncDisposable
{
    Signed(PoolhouseTestServer server, App app) => (Server, App, Subscriber) = (server, app, new(server, app.PoolId));

    public PoolhouseTestServer Server { get; }

    public App App { get; }

    public Subscriber Subscriber { get; }

    public static async Task<Signed> Start(FakeTimeProvider? clock = null)
    {
        var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        return new(server, app);
    }

    /// <summary>Signs in and revokes so many times; the sessions.</summary>
    public async Task<List<string?>> End(int sessions)
    {
        var ended = new List<string?>();
        for (var i = 0; i < sessions; i++)
        {
            var tokens = await App.SignIn("ana");
            ended.Add((string?)App.Claims(tokens["AccessToken"])["origin_jti"]);
            await App.Revoke((string)tokens["RefreshToken"]!);
        }
        return ended;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
