using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests;

public class StartTests
{
    [Fact]
    public async Task A_server_starts_is_ready_and_makes_a_pool()
    {
        await using var server = await PoolhouseTestServer.Start();
        Assert.Equal("ok\n", await server.Http.GetStringAsync(server.Url + "/readyz"));
        var admin = new Admin(server);
        var pool = await admin.Pool();
        Assert.StartsWith("us-east-1_", pool, StringComparison.Ordinal);
        var keys = await server.Http.GetStringAsync($"{server.Url}/{pool}/.well-known/jwks.json");
        Assert.Contains("\"use\":\"sig\"", keys, StringComparison.Ordinal);
    }

    [Fact]
    public void Proxies_are_addresses_and_networks_and_nothing_else()
    {
        var believed = Listening.Proxies(new(Proxies: "10.0.0.5, 10.1.0.0/16,fd00::/64")).ToList();
        bool Believes(string address) => believed.Exists(network => network.Contains(System.Net.IPAddress.Parse(address)));
        Assert.All((string[])["10.0.0.5", "10.1.200.3", "fd00::7"], address => Assert.True(Believes(address), address));
        Assert.All((string[])["10.0.0.6", "10.2.0.1", "fd00:0:0:1::7", "127.0.0.1"], address => Assert.False(Believes(address), address));
        Assert.Throws<SettingsException>(() => Listening.Proxies(new(Proxies: "10.0.0.5,proxy")).ToList());
    }
}
