using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Events that the server posts to receivers (RFC 8935).</summary>
public class SsfPushTests
{
    [Fact]
    public async Task Events_arrive_signed_in_order_and_once()
    {
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        await pool.Subscriber.Pushed(receiver);
        var ended = await pool.End(12);
        var pushes = await receiver.Wait(12);
        await Task.Delay(300);
        Assert.Equal(ended, receiver.Pushes.Select(push => Subscriber.Session(push.Token)));
        Assert.All(pushes, push => Assert.Equal(("application/secevent+jwt", null), (push.ContentType, push.Authorization)));
        await Claims.Verified(pool.Server, pool.App.PoolId, pushes[0].Token);
    }

    [Fact]
    public async Task A_verification_event_is_pushed()
    {
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        await pool.Subscriber.Verify(await pool.Subscriber.Pushed(receiver), "hello");
        var push = Assert.Single(await receiver.Wait(1));
        Assert.Equal("hello", (string?)App.Claims(push.Token)["events"]![Subscriber.Verification]!["state"]);
    }

    [Theory]
    [InlineData(500, ""), InlineData(200, ""), InlineData(404, ""), InlineData(302, ""), InlineData(400, "no JSON"), InlineData(400, """{"err": "authentication_failed"}""")]
    public async Task What_was_not_taken_is_pushed_again_the_same_and_before_what_comes_after_it(int status, string body)
    {
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        receiver.Answer = number => Task.FromResult(number == 1 ? (status, body) : (202, ""));
        var stream = await pool.Subscriber.Pushed(receiver);
        var ended = await pool.End(2);
        await receiver.Wait(1);
        Assert.Contains("Delivery has failed", (string?)(await pool.Subscriber.Send("GET", $"status?stream_id={stream}"))["reason"], StringComparison.Ordinal);
        var pushes = await receiver.Wait(3);
        Assert.Equal([ended[0], ended[0], ended[1]], pushes.Select(push => Subscriber.Session(push.Token)));
        Assert.Equal(pushes[0].Token, pushes[1].Token);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_counted_and_does_not_hold_up_the_rest()
    {
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        receiver.Answer = number => Task.FromResult(number == 1 ? (400, """{"err": "invalid_audience", "description": "not me"}""") : (202, ""));
        var stream = await pool.Subscriber.Pushed(receiver);
        var ended = await pool.End(2);
        Assert.Equal(ended, (await receiver.Wait(2)).Select(push => Subscriber.Session(push.Token)));
        await Until(async () => ((string?)(await pool.Subscriber.Send("GET", $"status?stream_id={stream}"))["reason"])?.Contains("refused 1", StringComparison.Ordinal) == true);
        Assert.Contains(pool.Server.Log, line => line.Contains($"refuses {receiver.Pushes[0].Jti} for good: invalid_audience", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_was_down_gets_everything_when_it_is_back_across_a_restart_of_the_server()
    {
        await using var pool = await Signed.Start();
        var first = await Receiver.Start();
        var port = first.Port;
        await pool.Subscriber.Pushed(first);
        var ended = await pool.End(1);
        await first.Wait(1);
        await first.DisposeAsync();
        ended.AddRange(await pool.End(2));
        await Task.Delay(TimeSpan.FromSeconds(3));
        await pool.Server.Stop();
        await using var again = await PoolhouseTestServer.Start(data: pool.Server.Data);
        await using var second = await Receiver.Start(port);
        Assert.Equal(ended[1..], (await second.Wait(2)).Select(push => Subscriber.Session(push.Token)));
    }

    [Fact]
    public async Task The_receivers_header_is_sent_and_found_nowhere_else()
    {
        const string header = "Bearer canary-receiver-secret";
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        var stream = await pool.Subscriber.Pushed(receiver, header);
        await pool.End(1);
        Assert.Equal(header, (await receiver.Wait(1))[0].Authorization);

        // It stays when the configuration is sent back as it was read, and goes when the address is another.
        var read = (await pool.Subscriber.Send("GET", $"streams?stream_id={stream}")).Body!;
        Assert.DoesNotContain("canary", read.ToJsonString(), StringComparison.Ordinal);
        await pool.Subscriber.Send("PUT", "streams", read.ToJsonString());
        await pool.Subscriber.Verify(stream);
        Assert.Equal(header, (await receiver.Wait(2))[1].Authorization);
        read["delivery"]!["endpoint_url"] = receiver.Url + "/elsewhere";
        await pool.Subscriber.Send("PATCH", "streams", read.ToJsonString());
        await pool.Subscriber.Verify(stream);
        Assert.Null((await receiver.Wait(3))[2].Authorization);

        await pool.Subscriber.Pushed(receiver, header);
        Assert.DoesNotContain("canary-receiver", string.Join('\n', pool.Server.Log), StringComparison.Ordinal);
        Assert.False(InDatabase(pool.Server.Data, "canary-receiver"));
    }

    [Fact]
    public async Task A_paused_stream_is_not_pushed_to_and_goes_on_where_it_stood()
    {
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        var stream = await pool.Subscriber.Pushed(receiver);
        await pool.Subscriber.Set(stream, "paused");
        var ended = await pool.End(2);
        await Task.Delay(1500);
        Assert.Empty(receiver.Pushes);
        await pool.Subscriber.Set(stream, "enabled");
        Assert.Equal(ended, (await receiver.Wait(2)).Select(push => Subscriber.Session(push.Token)));
    }

    [Fact]
    public async Task A_stream_whose_receiver_takes_nothing_for_a_week_is_paused_and_says_so_and_deleted_after_a_month()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57));
        await using var pool = await Signed.Start(clock);
        await using var receiver = await Receiver.Start();
        receiver.Answer = _ => Task.FromResult((503, ""));
        var stream = await pool.Subscriber.Pushed(receiver);
        await pool.Subscriber.Verify(stream);
        await receiver.Wait(1);
        // Without the timers of eight days between.
        clock.AdjustTime(clock.GetUtcNow().AddDays(8));
        await receiver.Wait(3);
        var told = App.Claims(receiver.Pushes[2].Token)["events"]!["https://schemas.openid.net/secevent/ssf/event-type/stream-updated"]!;
        Assert.Equal(("paused", "Nothing could be delivered for 7 days: HTTP 503"), ((string?)told["status"], (string?)told["reason"]));
        await Until(async () => (string?)(await pool.Subscriber.Send("GET", $"status?stream_id={stream}"))["status"] == "paused");

        clock.AdjustTime(clock.GetUtcNow().AddDays(23));
        await pool.Server.Service<Poolhouse.Storage.Database>().Purger.Run(default);
        Assert.Equal(404, (await pool.Subscriber.Send("GET", $"status?stream_id={stream}")).Status);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_slow_receiver_is_not_waited_for()
    {
        await using var pool = await Signed.Start();
        await using var receiver = await Receiver.Start();
        await using var inside = await Receiver.Start();
        receiver.Location = inside.Url;
        receiver.Answer = async number =>
        {
            if (number == 2) await Task.Delay(TimeSpan.FromSeconds(8));
            return number == 1 ? (307, "") : (202, "");
        };
        await pool.Subscriber.Pushed(receiver);
        await pool.End(1);
        await receiver.Wait(3);
        Assert.Empty(inside.Pushes);
    }

    static async Task Until(Func<Task<bool>> done)
    {
        for (var i = 0; !await done(); i++)
        {
            Assert.True(i < 200);
            await Task.Delay(50);
        }
    }

    static bool InDatabase(string data, string text)
    {
        using var connection = new SqliteConnection($"Data Source={Directory.GetFiles(data, "*.db").Single()};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*), sum(instr(sealed_header, cast(@text as blob))) from ssf_streams where sealed_header is not null";
        command.Parameters.AddWithValue("@text", text);
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read() && reader.GetInt64(0) > 0);
        return reader.GetInt64(1) > 0 || Directory.GetFiles(data, "*.db*").Any(file => Contains(file, text));
    }

    static bool Contains(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.GetBuffer().AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text)) >= 0;
    }
}
