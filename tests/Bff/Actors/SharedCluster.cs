using Xunit;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>One cluster of one node with one browser that is signed in, for all tests of a class that change neither.</summary>
public sealed class SharedCluster(IdentityProvider provider) : IAsyncLifetime
{
    internal Cluster Cluster { get; private set; } = null!;

    internal Browser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await Cluster.Start(provider);
        Browser = await Cluster.SignedIn();
    }

    public async ValueTask DisposeAsync()
    {
        Browser?.Dispose();
        if (Cluster is not null) await Cluster.DisposeAsync();
    }
}
