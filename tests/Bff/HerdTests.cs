using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>Sessions that all wake in one second at a node that has just started; bench/herd.sh does it with ten thousand.</summary>
public sealed class HerdTests(IdentityProvider provider)
{
    const int Sessions = 200;
    // TokenRefresh.AskedAtOnce: a provider that is asked by all of them would answer none in time.
    const int AskedAtOnce = 32;

    [Fact]
    public async Task Each_is_refreshed_once_none_is_lost_and_the_provider_is_not_run_over()
    {
        await using var cluster = await Cluster.Start(provider, new(StoreKind.Sqlite, Options: options => options.TakeOverAfter = TimeSpan.FromSeconds(30)));
        var herd = await SignIn(cluster);
        cluster.ExpireTokens();
        await cluster.Nodes[0].DisposeAsync();
        cluster.Nodes.Clear();
        var node = await cluster.Add();

        var replies = await Task.WhenAll(herd.Select(browser => browser.Token()));
        Assert.All(replies, reply => Assert.True(reply.Status == 200, $"{reply.Status} {reply.Body}"));
        Assert.Equal(Sessions, replies.Select(reply => (string)reply.Json["accessToken"]!).Distinct().Count());
        Assert.Equal((Sessions, Sessions), (cluster.Tap.Refreshes, cluster.Tap.Presented.Distinct().Count()));
        Assert.InRange(node.Wire.MostAtOnce, 2, AskedAtOnce);
        foreach (var browser in herd) browser.Dispose();
    }

    // One person with many browsers: the password is asked for once, since it costs more than all the rest.
    async Task<List<Browser>> SignIn(Cluster cluster)
    {
        var user = await provider.User();
        var first = new Browser(cluster);
        await first.SignIn(user);
        var herd = Enumerable.Range(1, Sessions - 1).Select(_ => new Browser(cluster)).ToList();
        await Parallel.ForEachAsync(herd, async (browser, _) =>
        {
            foreach (var (name, value) in first.ProviderCookies) browser.ProviderCookies[name] = value;
            await browser.SignIn(user);
        });
        return [first, .. herd];
    }
}
