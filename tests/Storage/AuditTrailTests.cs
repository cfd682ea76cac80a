using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>The audit trail as it is kept, on both databases.</summary>
public class AuditTrailTests
{
    [Theory, OnBoth]
    public async Task Events_that_were_noted_together_are_kept_whole_and_in_their_order(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        // More than go into one statement, and not a multiple of it.
        var noted = Enumerable.Range(0, 47).Select(at => new NotedEvent(
            new(AuditKind.RefreshRefused, $"reason-{at}", "p", "c", at % 2 == 0 ? $"user-{at}" : null, Session: $"session-{at}"), 1_000_000 + at,
            at % 3 == 0 ? null : new Cause($"request-{at}", "127.0.0.1") { Actor = $"actor-{at}" })).ToList();
        await test.Database.Write(tx => AuditTrail.AppendAll(tx, noted));

        var kept = await new AuditTrail(test.Database).Read(new(), null, 100, default);
        Assert.Equal(
            noted.Select(one => (one.At, one.Event, one.Cause?.Actor, one.Cause?.Address, one.Cause?.Request)),
            kept.Select(one => (one.At, one.Event, one.Actor, one.Address, one.Request)));
    }
}
