using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Servers;

/// <summary>A guard before a real server in a process of its own: whatever ends a session is known here within a second.</summary>
public sealed class RevocationTests(RevocationTests.House house) : IClassFixture<RevocationTests.House>
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>One process for all tests of the class.</summary>
    public sealed class House : IAsyncLifetime
    {
        internal RealServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RealServer.Begin();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    [Theory]
    [InlineData("RevokeToken")]
    [InlineData("GlobalSignOut")]
    [InlineData("AdminUserGlobalSignOut")]
    [InlineData("AdminDisableUser")]
    [InlineData("AdminDeleteUser")]
    [InlineData("a refresh token used twice")]
    [InlineData("DeleteUserPoolClient")]
    [InlineData("DeleteUserPool")]
    public async Task Whatever_ends_a_session_ends_its_access_tokens_within_a_second(string way)
    {
        var pool = await house.Server.Pool();
        if (way.StartsWith("a refresh", StringComparison.Ordinal)) await pool.NewClient(rotating: true);
        var (ana, other) = (await pool.SignIn(), await pool.SignIn());
        await using var guard = new CognitoGuard(new() { Issuer = pool.Issuer, AnyClient = true });
        await guard.StartAsync();
        await using var prober = new Prober(guard);
        var (one, two) = (prober.Show("her session", ana.Access), prober.Show("her other session", other.Access));
        await Task.Delay(200);
        await Prober.Revoke(() => End(pool, way, ana), Second, Ends(way) == 1 ? [one] : [one, two]);
        await Prober.Refused(Ends(way) == 1 ? [one] : [one, two]);
        await Task.Delay(100);
        Assert.Empty(await prober.Faults());
        Assert.Equal(0, prober.Unavailable);
    }

    [Fact]
    public async Task Tokens_of_other_clients_go_on_when_one_client_is_deleted()
    {
        var pool = await house.Server.Pool();
        var stays = await pool.SignIn();
        await pool.NewClient();
        var goes = await pool.SignIn();
        await using var guard = new CognitoGuard(new() { Issuer = pool.Issuer, AnyClient = true });
        await guard.StartAsync();
        await using var prober = new Prober(guard);
        var (kept, gone) = (prober.Show("the other client's", stays.Access), prober.Show("the deleted client's", goes.Access));
        await Prober.Revoke(pool.DeleteClient, Second, gone);
        await Prober.Refused(gone);
        await Task.Delay(100);
        Assert.Empty(await prober.Faults());
        Assert.Equal(0, kept.FirstRefusedAt);
    }

    // Revoke and reuse end one session, everything else both.
    static int Ends(string way) => way is "RevokeToken" or "a refresh token used twice" ? 1 : 2;

    static Task End(RealPool pool, string way, (string Access, string Refresh) ana) => way switch
    {
        "RevokeToken" => pool.Revoke(ana.Refresh),
        "GlobalSignOut" => pool.GlobalSignOut(ana.Access),
        "a refresh token used twice" => pool.Reuse(ana.Refresh),
        "DeleteUserPoolClient" => pool.DeleteClient(),
        "DeleteUserPool" => pool.DeletePool(),
        _ => pool.About(way),
    };
}
