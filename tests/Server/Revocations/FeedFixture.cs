using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>A server with one pool whose sessions end, on the real clock.</summary>
public sealed class FeedFixture : IAsyncLifetime
{
    public PoolhouseTestServer Server { get; private set; } = null!;

    public string Pool { get; private set; } = "";

    public Crowd Crowd { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await PoolhouseTestServer.Start();
        (Pool, Crowd) = await NewPool();
    }

    /// <summary>A pool with a feed of its own.</summary>
    public async Task<(string Pool, Crowd Crowd)> NewPool()
    {
        var pool = await new Admin(Server).Pool();
        return (pool, new(Server, pool));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
