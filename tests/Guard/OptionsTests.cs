using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests;

/// <summary>What a guard cannot be made with: the message names the option.</summary>
public sealed class OptionsTests
{
    const string Amazon = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz";
    const string AmazonToo = "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz";

    static readonly Dictionary<string, (string Option, Action<CognitoGuardOptions> Set)> Faults = new()
    {
        ["no issuer"] = ("Issuer", o => o.Issuer = null),
        ["an empty issuer"] = ("Issuer", o => o.Issuer = ""),
        ["an issuer with a slash at its end"] = ("Issuer", o => o.Issuer += "/"),
        ["an issuer with a query"] = ("Issuer", o => o.Issuer += "?a=b"),
        ["an issuer with a fragment"] = ("Issuer", o => o.Issuer += "#a"),
        ["an issuer with a password"] = ("Issuer", o => o.Issuer = "https://a:b@id.example.com/p"),
        ["an issuer over an open wire"] = ("Issuer", o => o.Issuer = "http://id.example.com/us-east-1_Fake00001"),
        ["an issuer of another scheme"] = ("Issuer", o => o.Issuer = "file:///etc/passwd"),
        ["an issuer that is no address"] = ("Issuer", o => o.Issuer = "us-east-1_Fake00001"),
        ["a name that only looks like the loopback"] = ("Issuer", o => o.Issuer = "http://localhost.example.com/p"),
        ["no client"] = ("ClientIds", o => o.ClientIds = []),
        ["clients and any client"] = ("AnyClient", o => o.AnyClient = true),
        ["an open pool URL"] = ("PoolUrl", o => o.PoolUrl = "http://id.example.com/p"),
        ["an open keys URL"] = ("KeysUrl", o => o.KeysUrl = "http://id.example.com/keys"),
        ["an open feed URL"] = ("FeedUrl", o => o.FeedUrl = "http://10.0.0.1/feed"),
        ["a client without a secret"] = ("GuardClientId", o => o.GuardClientId = "a"),
        ["a secret without a client"] = ("GuardClientId", o => o.GuardClientSecret = "a"),
        ["introspection without a client"] = ("GuardClientId", o => o.Revocations = RevocationSource.Introspection),
        ["Amazon's issuer"] = ("Revocations", o => o.Issuer = Amazon),
        ["Amazon's other issuer"] = ("Revocations", o => o.Issuer = AmazonToo),
        ["Amazon's issuer in China"] = ("Revocations", o => o.Issuer = "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Abc123xyz"),
        ["Amazon's address of the pool"] = ("Revocations", o => o.PoolUrl = Amazon),
        ["fresh for too short"] = ("FreshFor", o => o.FreshFor = Seconds(1.999)),
        ["fresh for too long"] = ("FreshFor", o => o.FreshFor = Seconds(30.001)),
        ["stale for less than fresh"] = ("StaleFor", o => (o.StaleFor, o.CriticalStaleFor) = (Seconds(2.9), Seconds(2.9))),
        ["stale for too long"] = ("StaleFor", o => o.StaleFor = Seconds(900.001)),
        ["critical stale for less than fresh"] = ("CriticalStaleFor", o => o.CriticalStaleFor = Seconds(2.9)),
        ["critical stale for longer than stale"] = ("CriticalStaleFor", o => o.CriticalStaleFor = Seconds(60.001)),
        ["introspection kept for less than nothing"] = ("IntrospectionKept", o => o.IntrospectionKept = Seconds(-1)),
        ["introspection kept for too long"] = ("IntrospectionKept", o => o.IntrospectionKept = Seconds(60.001)),
        ["a leeway below nothing"] = ("Leeway", o => o.Leeway = Seconds(-0.001)),
        ["too much leeway"] = ("Leeway", o => o.Leeway = Seconds(60.001)),
        ["keys refreshed too often"] = ("KeysRefreshedEvery", o => o.KeysRefreshedEvery = Seconds(29.999)),
        ["keys refreshed too seldom"] = ("KeysRefreshedEvery", o => o.KeysRefreshedEvery = Seconds(86_400.001)),
        ["less than no tokens remembered"] = ("RememberedTokens", o => o.RememberedTokens = -1),
        ["too many tokens remembered"] = ("RememberedTokens", o => o.RememberedTokens = 1_000_001),
        ["no patience at all"] = ("StartupPatience", o => o.StartupPatience = Seconds(-1)),
        ["too much patience"] = ("StartupPatience", o => o.StartupPatience = Seconds(60.001)),
    };

    static readonly Dictionary<string, Action<CognitoGuardOptions>> Good = new()
    {
        ["as they are"] = _ => { },
        ["http on the loopback"] = o => o.Issuer = "http://localhost:9229/us-east-1_Fake00001",
        ["http on the loopback's address"] = o => o.Issuer = "http://127.0.0.1:9229/us-east-1_Fake00001",
        ["http on the loopback's IPv6"] = o => o.Issuer = "http://[::1]:9229/us-east-1_Fake00001",
        ["any client"] = o => (o.ClientIds, o.AnyClient) = ([], true),
        ["Amazon's issuer, and no revocation"] = o => (o.Issuer, o.Revocations) = (Amazon, RevocationSource.None),
        ["Amazon's other issuer, and no revocation"] = o => (o.Issuer, o.Revocations) = (AmazonToo, RevocationSource.None),
        ["Amazon's issuer of a Poolhouse pool"] = o => (o.Issuer, o.PoolUrl) = (Amazon, "https://id.example.com/us-east-1_Abc123xyz"),
        ["Amazon's issuer and a feed"] = o => (o.Issuer, o.FeedUrl) = (Amazon, "https://id.example.com/us-east-1_Abc123xyz/revocations"),
        ["introspection with a client"] = o => (o.Revocations, o.GuardClientId, o.GuardClientSecret) = (RevocationSource.Introspection, "a", "b"),
        ["least of all"] = o => (o.FreshFor, o.StaleFor, o.CriticalStaleFor, o.IntrospectionKept, o.KeysRefreshedEvery, o.RememberedTokens, o.StartupPatience) =
            (Seconds(2), Seconds(2), Seconds(2), Seconds(0), Seconds(30), 0, Seconds(0)),
        ["most of all"] = o => (o.FreshFor, o.StaleFor, o.CriticalStaleFor, o.IntrospectionKept, o.Leeway, o.KeysRefreshedEvery, o.RememberedTokens, o.StartupPatience) =
            (Seconds(30), Seconds(900), Seconds(900), Seconds(60), Seconds(60), TimeSpan.FromDays(1), 1_000_000, Seconds(60)),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    public static TheoryData<string> GoodNames => [.. Good.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void An_option_that_does_not_hold_is_named(string name)
    {
        var (option, set) = Faults[name];
        var fault = Assert.Throws<ArgumentException>(() => new CognitoGuard(Options(set)));
        Assert.StartsWith($"CognitoGuardOptions.{option} ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoodNames))]
    public async Task Options_that_hold_make_a_guard(string name)
    {
        await using var guard = new CognitoGuard(Options(Good[name]));
        Assert.False(guard.Status.HasKeys);
    }

    [Fact]
    public void Every_option_is_in_one_of_the_tables_or_has_nothing_to_contradict()
    {
        string[] free = ["TokenUse", "StateDirectory", "Backchannel", "GuardClientSecret"];
        var known = Faults.Values.Select(fault => fault.Option).Concat(free).Distinct().Order();
        Assert.Equal(typeof(CognitoGuardOptions).GetProperties().Select(one => one.Name).Order(), known);
    }

    [Fact]
    public async Task Options_are_read_when_the_guard_is_made()
    {
        var clients = new List<string> { TokenForge.Web };
        CognitoGuardOptions? options = null;
        await using var post = await GuardPost.StartPlain(given => (options = given).ClientIds = clients);
        clients.Clear();
        (options!.Issuer, options.TokenUse) = ("https://evil.example.net", TokenUse.Id);
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
        Assert.Equal(GuardRefusal.WrongClient, await post.Refusal(post.Forge.Machine()));
    }

    static CognitoGuardOptions Options(Action<CognitoGuardOptions> set)
    {
        var options = new CognitoGuardOptions { Issuer = FakeIssuer.Pool, ClientIds = [TokenForge.Web] };
        set(options);
        return options;
    }

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
