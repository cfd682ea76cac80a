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
}
