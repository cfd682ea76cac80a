using System.Diagnostics;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

[Collection("alone")]
public class ManyReadersTests(ITestOutputHelper output)
{
    const int Readers = 1000;

    [Fact]
    public async Task A_thousand_readers_are_all_told_of_a_revocation()
    {
        await using var server = await PoolhouseTestServer.Start();
        var pool = await new Admin(server).Pool();
        var crowd = new Crowd(server, pool);
        var start = Stopwatch.GetTimestamp();
        var readers = await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => FeedReader.Open(server, pool)));
        output.WriteLine($"{Readers} streams were open after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        var told = readers.Select(async reader => (await reader.Next("revoked")).Value).ToList();
        var session = await crowd.Begin();

        start = Stopwatch.GetTimestamp();
        await crowd.End(session);
        var first = await Task.WhenAny(told);
        output.WriteLine($"the first was told after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        Assert.All(await Task.WhenAll(told), value => Assert.Equal(session.Id, value));
        output.WriteLine($"the last was told after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        await Task.WhenAll(readers.Select(reader => reader.DisposeAsync().AsTask()));
    }
}
