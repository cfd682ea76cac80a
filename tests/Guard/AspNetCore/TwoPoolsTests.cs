using Microsoft.Extensions.DependencyInjection;
using Poolhouse.Guard.AspNetCore;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.AspNetCore;

/// <summary>An API that takes the tokens of two pools: each guard answers for its own, and neither spoils the other's answer.</summary>
public sealed class TwoPoolsTests : IAsyncLifetime
{
    const string OtherPool = "https://id.example.com/us-east-1_Other0002";

    SampleApi api = null!;
    FakeIssuer other = null!;

    public async ValueTask InitializeAsync() => api = await SampleApi.Start(more: (schemes, clock) =>
    {
        other = new FakeIssuer(clock, OtherPool) { Keys = [ForgedKey.Rsa("foreign")] };
        schemes.AddCognitoGuard("other", given => (given.Issuer, given.ClientIds, given.Backchannel) = (OtherPool, [TokenForge.Web], other));
        schemes.Services.Configure<Microsoft.AspNetCore.Authentication.AuthenticationOptions>(options => options.DefaultScheme = CognitoGuardExtensions.DefaultScheme);
    });

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        other.Dispose();
    }

    [Fact]
    public async Task The_tokens_of_both_pass_where_both_are_taken_and_only_one_elsewhere()
    {
        var (ours, theirs) = ($"Bearer {api.Forge.Access()}", $"Bearer {other.Forge.Access()}");
        Assert.Equal((200, 200), ((await api.Told("/both", ours)).Status, (await api.Told("/both", theirs)).Status));
        Assert.Equal((200, 401), ((await api.Told("/me", ours)).Status, (await api.Told("/me", theirs)).Status));
        Assert.Equal("other", (await (await api.Get("/both", theirs)).Content.ReadAsStringAsync()).Split('\n')[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_blind_is_503_though_the_other_says_401(bool ours)
    {
        var bearer = $"Bearer {(ours ? api.Forge : other.Forge).Access()}";
        Assert.Equal(200, (await api.Told("/both", bearer)).Status);
        foreach (var issuer in (FakeIssuer[])[api.Issuer, other]) (issuer.Away = true, issuer).Item2.Feed.Cut();
        api.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal((503, ""), await api.Told("/both", bearer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_session_is_heard_from_the_guard_that_let_it_in(bool ours)
    {
        var (issuer, session) = (ours ? api.Issuer : other, TokenForge.NewSession());
        api.Gate.SetResult();
        using var stream = await api.Call("/both/events", issuer.Forge.Access(session));
        Assert.Equal(200, (int)stream.StatusCode);
        issuer.Feed.Revoke(session);
        Assert.EndsWith("data: ended\n\n", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_one_is_told_so_beside_what_the_other_says()
    {
        var session = TokenForge.NewSession();
        api.Issuer.Feed.Revoke(session);
        await GuardPost.Until(() => api.Guard.Status.Entries == 1);
        var (status, challenge) = await api.Told("/both", $"Bearer {api.Forge.Access(session)}");
        Assert.Equal(401, status);
        Assert.Contains("has been revoked", challenge, StringComparison.Ordinal);
    }
}
