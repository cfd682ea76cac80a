using System.Net;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Outbound;

/// <summary>Calls at somebody's wish reach nothing that only this machine can reach (security.md C19).</summary>
public class EgressTests
{
    static readonly EgressRules Production = new(new(), loopback: false);
    static readonly EgressRules Dev = new(new(), loopback: true);

    [Theory]
    [InlineData("127.0.0.1"), InlineData("127.9.9.9"), InlineData("0.0.0.0"), InlineData("10.1.2.3"), InlineData("172.31.0.1"), InlineData("192.168.1.1")]
    [InlineData("169.254.169.254"), InlineData("100.100.100.200"), InlineData("224.0.0.1"), InlineData("255.255.255.255"), InlineData("192.0.0.192")]
    [InlineData("::1"), InlineData("::"), InlineData("fe80::1"), InlineData("fd00:ec2::254"), InlineData("ff02::1"), InlineData("::ffff:127.0.0.1"), InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe"), InlineData("2002:7f00:1::1"), InlineData("2001::1"), InlineData("::127.0.0.1")]
    public void An_address_that_is_not_public_is_not_called(string address) => Assert.False(Production.Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1"), InlineData("93.184.216.34"), InlineData("172.32.0.1"), InlineData("2606:4700::1111"), InlineData("::ffff:1.1.1.1")]
    public void A_public_address_is_called(string address) => Assert.True(Production.Allows(IPAddress.Parse(address)));

    [Fact]
    public void A_network_can_be_allowed_and_plain_http_stays_on_this_machine_in_dev()
    {
        var rules = new EgressRules(new("10.1.0.0/16, fd00:1::/64"), loopback: false);
        Assert.True(rules.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(rules.Allows(IPAddress.Parse("fd00:1::7")));
        Assert.False(rules.Allows(IPAddress.Parse("10.2.0.1")));
        Assert.False(rules.Allows(IPAddress.Parse("10.1.2.3"), plain: true));
        Assert.True(Dev.Allows(IPAddress.Loopback, plain: true));
        Assert.False(Dev.Allows(IPAddress.Parse("1.1.1.1"), plain: true));
        Assert.False(Dev.Allows(IPAddress.Parse("169.254.169.254")));
    }

    [Theory]
    [InlineData("https://receiver.example.com/events?a=b", true), InlineData("https://93.184.216.34/", true)]
    [InlineData("http://receiver.example.com/", false), InlineData("http://localhost/", false), InlineData("https://2130706433/", false), InlineData("https://0x7f.1/", false)]
    [InlineData("https://[::1]/", false), InlineData("https://[::ffff:10.0.0.1]/", false), InlineData("https://a:b@receiver.example.com/", false)]
    [InlineData("https://receiver.example.com/#x", false), InlineData("ftp://receiver.example.com/", false), InlineData("/events", false), InlineData("https://re ceiver/", false), InlineData("", false)]
    public void A_URL_is_taken_or_refused_when_it_is_named(string url, bool taken) => Assert.Equal(taken, Production.TryRead(url, out _));

    [Theory]
    [InlineData("localhost"), InlineData("127.0.0.1"), InlineData("[::1]")]
    public async Task A_name_is_checked_by_what_it_resolves_to_when_the_connection_is_made(string host)
    {
        await using var inside = await Receiver.Start();
        using var egress = new Egress(Production);
        var fault = await Assert.ThrowsAsync<EgressException>(() => egress.Post(new($"https://{host}:{inside.Port}/"), "x", "text/plain", null, default));
        Assert.StartsWith("the address is not one that may be called", fault.Message, StringComparison.Ordinal);
        fault = await Assert.ThrowsAsync<EgressException>(() => egress.Post(new($"http://{host}:{inside.Port}/"), "x", "text/plain", null, default));
        Assert.StartsWith("the address", fault.Message, StringComparison.Ordinal);
        Assert.Empty(inside.Pushes);
    }

    [Fact]
    public async Task Of_an_endless_answer_the_beginning_is_read()
    {
        await using var receiver = await Receiver.Start();
        receiver.Answer = _ => Task.FromResult((200, new string('x', 1_000_000)));
        using var egress = new Egress(Dev);
        var reply = await egress.Post(new(receiver.Url), "x", "text/plain", null, default);
        Assert.Equal((200, 16 * 1024), (reply.Status, reply.Body.Length));
    }

    [Fact]
    public async Task Nobody_there_is_a_reason_and_not_a_fault()
    {
        var receiver = await Receiver.Start();
        var url = receiver.Url;
        await receiver.DisposeAsync();
        using var egress = new Egress(Dev);
        Assert.StartsWith("no connection", (await Assert.ThrowsAsync<EgressException>(() => egress.Post(new(url), "x", "text/plain", null, default))).Message, StringComparison.Ordinal);
    }
}
