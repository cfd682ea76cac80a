using Poolhouse.Core;
using Xunit;

namespace Poolhouse.Unit.Tests;

/// <summary>The threads that hash passwords, and what happens when they have too much to do (security.md C21).</summary>
public sealed class CostlyWorkTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_leaves_the_thread_pool_alone_and_one_core_to_everybody_else()
    {
        using var costly = new CostlyWork();
        var (now, most) = (0, 0);
        var pooled = await Task.WhenAll(Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => costly.Run(() =>
        {
            var here = Interlocked.Increment(ref now);
            for (var seen = most; here > seen; seen = most) Interlocked.CompareExchange(ref most, here, seen);
            Thread.Sleep(10);
            Interlocked.Decrement(ref now);
            return Thread.CurrentThread.IsThreadPoolThread;
        }, Cancel)));
        Assert.All(pooled, Assert.False);
        Assert.Equal(Math.Max(1, Environment.ProcessorCount - 1), most);
    }

    [Fact]
    public async Task What_goes_wrong_in_it_reaches_the_caller_and_the_next_piece_is_done()
    {
        using var costly = new CostlyWork();
        await Assert.ThrowsAsync<FormatException>(() => costly.Run<int>(() => throw new FormatException(), Cancel));
        Assert.Equal(7, await costly.Run(() => 7, Cancel));
    }

    [Fact]
    public async Task When_too_much_waits_more_is_refused_at_once_and_what_waited_is_done()
    {
        using var costly = new CostlyWork();
        using var gate = new ManualResetEventSlim();
        var taken = new List<Task<bool>>();
        var refusal = Assert.Throws<RefusedException>(() =>
        {
            while (taken.Count < 10_000) taken.Add(costly.Run(() => gate.Wait(Timeout.Infinite, Cancel) || true, Cancel));
        });
        Assert.Equal(Refusal.Overloaded, refusal.Reason);
        Assert.InRange(taken.Count, 128, 128 + Environment.ProcessorCount);
        gate.Set();
        Assert.All(await Task.WhenAll(taken), Assert.True);
    }

    [Fact]
    public async Task A_piece_that_its_caller_no_longer_wants_is_not_done()
    {
        using var costly = new CostlyWork();
        using var gate = new ManualResetEventSlim();
        using var hungUp = new CancellationTokenSource();
        var busy = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => costly.Run(() => gate.Wait(Timeout.Infinite, Cancel) || true, Cancel)).ToArray();
        var done = false;
        var unwanted = costly.Run(() => done = true, hungUp.Token);
        await hungUp.CancelAsync();
        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unwanted);
        await Task.WhenAll(busy);
        Assert.False(done);
    }
}
