using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Servers;

/// <summary>
/// A real server that is killed, cut off and restored, under a prober's eyes: never a valid token refused with 401, never a revoked one accepted
/// later than the bound and a second, never one that comes back (security.md F4, F7, F16). With a bound of 3 s a cut of 4.5 s stands for one of
/// 90 s at the default.
/// </summary>
public sealed class OutageTests : IAsyncLifetime
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    RealServer server = null!;
    RealPool pool = null!;
    TcpProxy wire = null!;
    CognitoGuard guard = null!;
    Prober prober = null!;

    public async ValueTask InitializeAsync()
    {
        server = await RealServer.Begin();
        pool = await server.Pool();
        await pool.SignIn();
        wire = new(server.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await prober.DisposeAsync();
        await guard.DisposeAsync();
        await wire.DisposeAsync();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(1.0, 20)]
    [InlineData(4.5, 3)]
    public async Task A_wire_that_is_cut_holds_a_revocation_up_for_the_bound_at_most(double seconds, int bound)
    {
        await Guard(bound);
        var (valid, ana) = (prober.Show("valid", (await pool.SignIn()).Access), await pool.SignIn());
        var revoked = prober.Show("revoked", ana.Access);
        await Task.Delay(200);
        wire.Cut();
        await Prober.Revoke(() => pool.Revoke(ana.Refresh), TimeSpan.FromSeconds(bound) + Second, revoked);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        wire.Mend();
        await Prober.Refused(revoked);
        await Fresh();
        await After(valid);
        Assert.Equal(seconds > bound, prober.Unavailable > 0);
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_loses_no_revocation()
    {
        await Guard(10);
        var (valid, before, during) = (prober.Show("valid", (await pool.SignIn()).Access), await pool.SignIn(), await pool.SignIn());
        var (first, second) = (prober.Show("revoked before", before.Access), prober.Show("revoked at the last moment", during.Access));
        await Prober.Revoke(() => pool.Revoke(before.Refresh), Second, first);
        await Prober.Refused(first);
        await Prober.Revoke(() => pool.Revoke(during.Refresh), 11 * Second, second);
        await server.Kill();
        await Task.Delay(300);
        await server.Start();
        await Prober.Refused(second);
        await Fresh();
        await After(valid);
    }

    [Fact]
    public async Task What_the_guard_knew_stays_refused_when_an_older_backup_is_restored()
    {
        await Guard(10);
        var (valid, before, lost) = (prober.Show("valid", (await pool.SignIn()).Access), await pool.SignIn(), await pool.SignIn());
        var (kept, forgotten) = (prober.Show("in the backup", before.Access), prober.Show("not in the backup", lost.Access));
        await Prober.Revoke(() => pool.Revoke(before.Refresh), Second, kept);
        await Prober.Refused(kept);
        await server.Kill();
        server.Backup();
        await server.Start();
        await Fresh();
        await Prober.Revoke(() => pool.Revoke(lost.Refresh), Second, forgotten);
        await Prober.Refused(forgotten);
        await server.Kill();
        server.Restore();
        await server.Start();
        await Fresh();
        Assert.Equal(2, guard.Status.Entries);
        await After(valid);
    }

    async Task Guard(int staleFor)
    {
        guard = new(new()
        {
            Issuer = pool.Issuer, PoolUrl = $"http://127.0.0.1:{wire.Port}/{pool.Id}", ClientIds = [pool.Client],
            FreshFor = TimeSpan.FromSeconds(2), StaleFor = TimeSpan.FromSeconds(staleFor), CriticalStaleFor = TimeSpan.FromSeconds(2),
        });
        await guard.StartAsync();
        prober = new(guard);
    }

    // A heartbeat of a connection that was made after the outage: a server that is back at once leaves the last proof of the old one fresh.
    Task Fresh()
    {
        var called = TimeProvider.System.GetTimestamp();
        return GuardPost.Until(() => guard.Status is { Revocations: RevocationState.Fresh, Lag: { } lag } && lag < TimeProvider.System.GetElapsedTime(called));
    }

    // Everything works as before, and nothing has happened that must not.
    async Task After(Prober.Probe valid)
    {
        var ana = await pool.SignIn();
        var later = prober.Show("revoked afterwards", ana.Access);
        await Task.Delay(50);
        await Prober.Revoke(() => pool.Revoke(ana.Refresh), Second, later);
        await Prober.Refused(later);
        await Task.Delay(100);
        Assert.Empty(await prober.Faults());
        Assert.Equal(0, valid.FirstRefusedAt);
        Assert.True((await guard.CheckAsync(valid.Token)).Accepted);
    }
}
