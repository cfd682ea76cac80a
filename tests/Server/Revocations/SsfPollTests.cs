using System.Diagnostics;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Events that receivers fetch (RFC 8936).</summary>
public class SsfPollTests
{
    [Fact]
    public async Task Acknowledged_in_order_out_of_order_or_not_at_all_every_event_comes_until_it_is_taken()
    {
        await using var pool = await Signed.Start();
        var (subscriber, stream) = (pool.Subscriber, await pool.Subscriber.Poller());
        var ended = await pool.End(5);
        var first = await subscriber.Poll(stream);
        Assert.Equal(ended, first.Values.Select(Subscriber.Session));
        Assert.Equal(first, await subscriber.Poll(stream));

        var jtis = first.Keys.ToArray();
        Assert.Equal([jtis[1], jtis[2], jtis[4]], (await subscriber.Ack(stream, jtis[3], jtis[0])).Keys);
        Assert.Equal([jtis[1], jtis[4]], (await subscriber.Ack(stream, jtis[2], jtis[2], "99.unknown", "no jti at all")).Keys);
        Assert.Equal([jtis[4]], (await subscriber.Ack(stream, jtis[1])).Keys);
        Assert.Empty(await subscriber.Ack(stream, jtis[4]));
        var more = await pool.End(1);
        Assert.Equal(more, (await subscriber.Poll(stream)).Values.Select(Subscriber.Session));
    }

    [Fact]
    public async Task An_acknowledgement_counts_on_its_own_stream_and_for_what_it_was_made_from()
    {
        await using var pool = await Signed.Start();
        var (one, two) = (await pool.Subscriber.Poller(), await pool.Subscriber.Poller());
        await pool.End(1);
        var (mine, other) = (Assert.Single(await pool.Subscriber.Poll(one)).Key, Assert.Single(await pool.Subscriber.Poll(two)).Key);
        Assert.NotEqual(mine, other);
        Assert.Single(await pool.Subscriber.Ack(one, other, "1.AAAAAAAAAAAAAAAAAAAAAA", "1."));
        Assert.Empty(await pool.Subscriber.Ack(one, mine));
        Assert.Single(await pool.Subscriber.Poll(two));
    }

    [Fact]
    public async Task It_returns_no_more_than_asked_for_and_says_whether_there_is_more()
    {
        await using var pool = await Signed.Start();
        var stream = await pool.Subscriber.Poller();
        await pool.End(3);
        await pool.Subscriber.Verify(stream);
        var (count, more) = (new List<int>(), new List<bool>());
        var ack = new JsonArray();
        foreach (var most in (int[])[0, 1, 2, 5])
        {
            var reply = await pool.Subscriber.Send("POST", $"poll/{stream}", new JsonObject { ["maxEvents"] = most, ["ack"] = ack, ["returnImmediately"] = true }.ToJsonString());
            count.Add(reply["sets"]!.AsObject().Count);
            more.Add((bool)reply["moreAvailable"]!);
            ack = [.. reply["sets"]!.AsObject().Select(set => (JsonNode)set.Key)];
        }
        Assert.Equal([0, 1, 2, 1], count);
        Assert.Equal([true, true, true, false], more);
    }

    [Fact]
    public async Task An_error_report_takes_an_event_off_and_into_the_log()
    {
        await using var pool = await Signed.Start();
        var stream = await pool.Subscriber.Poller();
        await pool.End(1);
        var jti = Assert.Single(await pool.Subscriber.Poll(stream)).Key;
        Assert.Empty(await pool.Subscriber.Poll(stream, $$"""{"maxEvents": 0, "setErrs": {"{{jti}}": {"err": "invalid_key", "description": "Ünknown"} } }"""));
        Assert.Empty(await pool.Subscriber.Poll(stream));
        Assert.Contains(pool.Server.Log, line => line.Contains($"could not take {jti}: invalid_key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_long_poll_is_woken_by_what_comes()
    {
        await using var pool = await Signed.Start();
        var stream = await pool.Subscriber.Poller();
        var tokens = await pool.App.SignIn("ana");
        var polled = pool.Subscriber.Poll(stream, "{}");
        await Task.Delay(300);
        Assert.False(polled.IsCompleted);
        var since = Stopwatch.GetTimestamp();
        await pool.App.Revoke((string)tokens["RefreshToken"]!);
        Assert.Equal((string?)App.Claims(tokens["AccessToken"])["origin_jti"], Subscriber.Session(Assert.Single(await polled).Value));
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5));
        polled = pool.Subscriber.Poll(stream, $$"""{"ack": ["{{(await polled).Keys.Single()}}"]}""");
        await pool.Subscriber.Verify(stream);
        Assert.Single(await polled);
    }

    [Fact]
    public async Task A_long_poll_does_not_hold_up_the_end_of_the_server()
    {
        await using var pool = await Signed.Start();
        var polled = pool.Subscriber.Poll(await pool.Subscriber.Poller(), "{}");
        await Task.Delay(300);
        var since = Stopwatch.GetTimestamp();
        await pool.Server.Stop();
        Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5));
        Assert.Empty(await polled);
    }

    [Fact]
    public async Task A_paused_stream_holds_its_events_and_a_disabled_one_drops_them()
    {
        await using var pool = await Signed.Start();
        var (held, dropped) = (await pool.Subscriber.Poller(), await pool.Subscriber.Poller());
        await pool.Subscriber.Set(held, "paused");
        await pool.Subscriber.Set(dropped, "disabled");
        foreach (var stream in (string[])[held, dropped]) await pool.Subscriber.Verify(stream);
        var ended = await pool.End(2);
        foreach (var stream in (string[])[held, dropped])
        {
            Assert.Empty(await pool.Subscriber.Poll(stream));
            await pool.Subscriber.Set(stream, "enabled");
        }
        Assert.Equal([null, .. ended], (await pool.Subscriber.Poll(held)).Values.Select(Subscriber.Session));
        Assert.Empty(await pool.Subscriber.Poll(dropped));
        Assert.Equal(await pool.End(1), (await pool.Subscriber.Poll(dropped)).Values.Select(Subscriber.Session));
    }

    [Fact]
    public async Task A_restart_in_the_middle_loses_nothing_and_renames_nothing()
    {
        await using var pool = await Signed.Start();
        var stream = await pool.Subscriber.Poller();
        await pool.End(3);
        var before = (await pool.Subscriber.Poll(stream)).Keys.ToArray();
        await pool.Subscriber.Ack(stream, before[1]);
        await pool.Server.Stop();

        await using var again = await PoolhouseTestServer.Start(data: pool.Server.Data);
        var subscriber = new Subscriber(again, pool.App.PoolId);
        Assert.Equal([before[0], before[2]], (await subscriber.Poll(stream)).Keys);
        Assert.Equal([before[2]], (await subscriber.Ack(stream, before[0])).Keys);
        Assert.Empty(await subscriber.Ack(stream, before[2]));
    }

    [Fact]
    public async Task What_no_longer_counts_is_not_told()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57));
        await using var pool = await Signed.Start(clock);
        var stream = await pool.Subscriber.Poller();
        await pool.End(2);
        clock.AdjustTime(clock.GetUtcNow().AddMinutes(63));
        Assert.Empty(await pool.Subscriber.Poll(stream));
        var ended = await pool.End(1);
        Assert.Equal(ended, (await pool.Subscriber.Poll(stream)).Values.Select(Subscriber.Session));
    }
}
