using Poolhouse.Bff.Tests.Actors;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>
/// Real processes that are killed (SIGKILL) when the provider has spent their refresh tokens and they have not heard of it: whoever goes on with a session presents
/// the same token again, within the provider's grace.
/// </summary>
public sealed class KillTests(IdentityProvider provider)
{
    const int Sessions = 4;

    [Theory]
    [InlineData(StoreKind.Postgres, 3, 7)]
    [InlineData(StoreKind.Sqlite, 1, 3)]
    public async Task A_node_that_is_killed_between_the_providers_reply_and_its_commit_costs_nobody_a_session(StoreKind store, int count, int rounds)
    {
        await using var cluster = await Cluster.Start(provider, new(store, Grace: 60, Client: """
            {"AccessTokenValidity": 1, "IdTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "days"}}
            """));
        await using var front = await ProviderFront.Start(provider);
        var nodes = Enumerable.Range(0, count).Select(_ => new BffProcess(cluster, store, front.Address)).ToArray();
        var people = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => cluster.SignedIn()));
        try
        {
            var starting = nodes.Select(node => node.Start()).ToArray();
            for (var round = 0; round < rounds; round++)
            {
                var (dying, next) = (round % count, (round + 1) % count);
                await starting[dying];
                await KillInTheMiddle(front, nodes[dying], people);
                starting[dying] = nodes[dying].Start();
                await starting[next];
                foreach (var reply in await Task.WhenAll(people.Select(nodes[next].Token)))
                    Assert.True(reply?.Status == 200, $"round {round}: {reply?.Status} {reply?.Body}");
            }
            await Task.WhenAll(starting);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
        // Each token that a dead node had presented was presented again by another, and what came of it went on.
        var presented = front.Presented.CountBy(token => token).ToList();
        Assert.True(presented.Count(one => one.Value > 1) >= rounds * Sessions, string.Join(' ', presented.Select(one => one.Value)));
        Assert.DoesNotContain(cluster.Log, line => line.Contains(" 6002: ", StringComparison.Ordinal));
    }

    // Asked again and again: as long as the last token is good, there is nothing to refresh.
    static async Task KillInTheMiddle(ProviderFront front, BffProcess node, Browser[] people)
    {
        front.Hold();
        using var enough = new CancellationTokenSource();
        var calling = people.Select(async person =>
        {
            while (!enough.IsCancellationRequested && await node.Token(person) is { Status: 200 }) await Task.Delay(50);
        }).ToArray();
        while (front.Held < people.Length) await Task.Delay(10);
        await node.Kill();
        await enough.CancelAsync();
        await Task.WhenAll(calling);
        front.Release();
    }
}
