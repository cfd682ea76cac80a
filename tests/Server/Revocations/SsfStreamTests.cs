using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>A server with one pool and two subscribers.</summary>
public sealed class SsfStage : IAsyncLifetime
{
    public PoolhouseTestServer Server { get; private set; } = null!;

    public string Pool { get; private set; } = "";

    public Subscriber One { get; private set; } = null!;

    public Subscriber Other { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await PoolhouseTestServer.Start();
        Pool = await new Admin(Server).Pool();
        (One, Other) = (await Subscriber.Start(Server, Pool), await Subscriber.Start(Server, Pool));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>What receivers manage (SSF 1.0 §8.1): the right ways, and the error cases of the OpenID conformance suite's transmitter plan.</summary>
public class SsfStreamTests(SsfStage stage) : IClassFixture<SsfStage>
{
    const string Unknown = "5e0cc7a4-0000-4000-8000-000000000000";
    const string Push = """{"method": "urn:ietf:rfc:8935", "endpoint_url": "http://127.0.0.1:9/events"}""";

    // Each with a body that is right but for what is wrong; {id} is a stream of the caller's, {other} another client's.
    public static TheoryData<string, string, string?, int> Refused { get; } = new()
    {
        { "POST", "streams", """{"delivery": """, 400 },
        { "POST", "streams", "[]", 400 },
        { "POST", "streams", """{"delivery": "push"}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:example:pigeon"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "http://receiver.example.com/"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "https://10.0.0.1/"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "http://169.254.169.254/latest/meta-data"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "https://user:pw@receiver.example.com/"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "file:///etc/passwd"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "http://127.0.0.1:9/", "authorization_header": "a\r\nHost: b"}}""", 400 },
        { "POST", "streams", """{"delivery": {"method": "urn:ietf:rfc:8936", "endpoint_url": "https://receiver.example.com/"}}""", 400 },
        { "POST", "streams", """{"events_requested": "all"}""", 400 },
        { "POST", "streams", """{"events_requested": [1]}""", 400 },
        { "POST", "streams", """{"description": "\ud800"}""", 400 },
        { "POST", "streams", """{"description": "a\u0000b"}""", 400 },
        { "POST", "streams", """{"description": "a", "description": "b"}""", 400 },
        { "GET", "streams?stream_id=unknown_stream_id", null, 404 },
        { "GET", $"streams?stream_id={Unknown}", null, 404 },
        { "GET", "streams?stream_id={other}", null, 404 },
        { "PATCH", "streams", """{"stream_id": """, 400 },
        { "PATCH", "streams", """{"description": "x"}""", 400 },
        { "PATCH", "streams", """{"stream_id": 7}""", 400 },
        { "PATCH", "streams", """{"stream_id": "{id}", "iss": "https://evil.example.com"}""", 400 },
        { "PATCH", "streams", """{"stream_id": "{id}", "aud": "somebody"}""", 400 },
        { "PATCH", "streams", """{"stream_id": "{id}", "events_delivered": []}""", 400 },
        { "PATCH", "streams", $$"""{"stream_id": "{{Unknown}}", "description": "x"}""", 404 },
        { "PATCH", "streams", """{"stream_id": "{other}", "description": "x"}""", 404 },
        { "PUT", "streams", "nothing", 400 },
        { "PUT", "streams", """{"stream_id": "{id}", "events_supported": ["urn:example:x"]}""", 400 },
        { "PUT", "streams", $$"""{"stream_id": "{{Unknown}}"}""", 404 },
        { "PUT", "streams", """{"stream_id": "{other}"}""", 404 },
        { "DELETE", "streams", null, 400 },
        { "DELETE", $"streams?stream_id={Unknown}", null, 404 },
        { "DELETE", "streams?stream_id={other}", null, 404 },
        { "GET", "status", null, 400 },
        { "GET", $"status?stream_id={Unknown}", null, 404 },
        { "GET", "status?stream_id={other}", null, 404 },
        { "POST", "status", """{"stream_id": "{id}"}""", 400 },
        { "POST", "status", """{"stream_id": "{id}", "status": "asleep"}""", 400 },
        { "POST", "status", """{"stream_id": "{other}", "status": "disabled"}""", 404 },
        { "POST", "verification", """{"stream_id": """, 400 },
        { "POST", "verification", """{"state": "x"}""", 400 },
        { "POST", "verification", $$"""{"stream_id": "{{Unknown}}"}""", 404 },
        { "POST", "verification", """{"stream_id": "{other}"}""", 404 },
        { "POST", "subjects/add", """{"stream_id": "{id}"}""", 400 },
        { "POST", "subjects/add", """{"stream_id": "{id}", "subject": {"format": "opaque", "id": "x"}, "verified": "yes"}""", 400 },
        { "POST", "subjects/add", """{"stream_id": "{other}", "subject": {"format": "opaque", "id": "x"}}""", 404 },
        { "POST", "subjects/remove", """{"stream_id": "{id}", "subject": {}}""", 400 },
        { "POST", "subjects/remove", """{"stream_id": "{other}", "subject": {"format": "opaque", "id": "x"}}""", 404 },
        { "POST", "subjects/remove", """{"stream_id": "{id}", "subject": {"format": "opaque", "id": "x"}}""", 403 },
        { "POST", "poll/{other}", "{}", 404 },
        { "POST", "poll/{id}", """{"maxEvents": -1}""", 400 },
        { "POST", "poll/{id}", """{"maxEvents": 1.5}""", 400 },
        { "POST", "poll/{id}", """{"returnImmediately": "yes"}""", 400 },
        { "POST", "poll/{id}", """{"ack": "x"}""", 400 },
        { "POST", "poll/{id}", """{"ack": [null]}""", 400 },
        { "POST", "poll/{id}", """{"setErrs": {"x": "y"}}""", 400 },
        { "POST", "poll/{id}", """{"setErrs": {"\ud800": {"err": "y"}}}""", 400 },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_wrong_is_refused(string method, string path, string? body, int status)
    {
        var (id, other) = (await stage.One.Poller(), await stage.Other.Poller());
        string? Filled(string? text) => text?.Replace("{id}", id, StringComparison.Ordinal).Replace("{other}", other, StringComparison.Ordinal);
        var reply = await stage.One.Send(method, Filled(path)!, Filled(body));
        Assert.Equal((status, true), (reply.Status, reply["error"] is not null));
        await stage.One.Send("DELETE", $"streams?stream_id={id}");
        await stage.Other.Send("DELETE", $"streams?stream_id={other}");
    }

    [Theory]
    [InlineData("GET", "streams"), InlineData("POST", "streams"), InlineData("PATCH", "streams"), InlineData("PUT", "streams"), InlineData("DELETE", "streams")]
    [InlineData("GET", "status"), InlineData("POST", "status"), InlineData("POST", "verification"), InlineData("POST", "subjects/add"), InlineData("POST", "subjects/remove")]
    [InlineData("POST", "poll/" + Unknown)]
    public async Task Whoever_shows_a_wrong_token_is_401_and_one_without_the_scope_403(string method, string path)
    {
        var body = method is "GET" or "DELETE" ? null : "{}";
        var wrong = await new Subscriber(stage.Server, stage.Pool, "eyJ.not.one").Send(method, path, body);
        Assert.Equal((401, "invalid_token"), (wrong.Status, (string?)wrong["error"]));
        Assert.Contains("error=\"invalid_token\"", wrong.Http.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        var narrow = await (await Subscriber.Start(stage.Server, stage.Pool, "poolhouse/introspect")).Send(method, path, body);
        Assert.Equal((403, "insufficient_scope"), (narrow.Status, (string?)narrow["error"]));
        var foreign = await (await Subscriber.Start(stage.Server, await new Admin(stage.Server).Pool())).Send("GET", "streams");
        Assert.Equal(200, foreign.Status);
    }

    [Fact]
    public async Task A_token_of_another_pool_or_in_the_query_opens_nothing()
    {
        var elsewhere = await Subscriber.Start(stage.Server, await new Admin(stage.Server).Pool());
        var token = elsewhere.Token!;
        Assert.Equal(401, (await new Subscriber(stage.Server, stage.Pool, token).Send("GET", "streams")).Status);
        // Without a header the caller is nobody here, whatever the query says.
        var id = await stage.One.Poller();
        Assert.Equal(404, (await new Subscriber(stage.Server, stage.Pool).Send("GET", $"streams?stream_id={id}&access_token={stage.One.Token}")).Status);
    }

    [Fact]
    public async Task A_stream_is_made_read_changed_replaced_and_deleted()
    {
        var made = await stage.One.Send("POST", "streams", $$"""{"delivery": {{Push}}, "events_requested": ["{{Subscriber.SessionRevoked}}", "urn:example:else"], "description": "all"}""");
        Assert.Equal(201, made.Status);
        var id = (string)made["stream_id"]!;
        Assert.Equal(($"{stage.Server.Url}/{stage.Pool}", "urn:ietf:rfc:8935"), ((string?)made["iss"], (string?)made["delivery"]!["method"]));
        Assert.Equal($"""["{Subscriber.SessionRevoked}"]""", made["events_delivered"]!.ToJsonString());
        Assert.Equal(made.Body!.ToJsonString(), (await stage.One.Send("GET", $"streams?stream_id={id}")).Body!.ToJsonString());
        Assert.Contains(id, (await stage.One.Send("GET", "streams")).Body!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(id, (await stage.Other.Send("GET", "streams")).Body!.ToJsonString(), StringComparison.Ordinal);

        var changed = await stage.One.Send("PATCH", "streams", $$"""{"stream_id": "{{id}}", "iss": "{{made["iss"]}}", "description": "some"}""");
        Assert.Equal((200, "some", "urn:ietf:rfc:8935"), (changed.Status, (string?)changed["description"], (string?)changed["delivery"]!["method"]));
        var replaced = await stage.One.Send("PUT", "streams", $$"""{"stream_id": "{{id}}", "events_requested": ["urn:example:else"]}""");
        Assert.Equal((200, null, "urn:ietf:rfc:8936", "[]"), (replaced.Status, (string?)replaced["description"], (string?)replaced["delivery"]!["method"], replaced["events_delivered"]!.ToJsonString()));
        Assert.EndsWith($"/ssf/poll/{id}", (string?)replaced["delivery"]!["endpoint_url"], StringComparison.Ordinal);

        Assert.Equal(204, (await stage.One.Send("DELETE", $"streams?stream_id={id}")).Status);
        Assert.Equal(404, (await stage.One.Send("GET", $"streams?stream_id={id}")).Status);
    }

    [Fact]
    public async Task A_configuration_that_was_read_can_be_sent_back_as_it_is()
    {
        var id = await stage.One.Poller();
        var read = await stage.One.Send("GET", $"streams?stream_id={id}");
        foreach (var method in (string[])["PATCH", "PUT"])
        {
            var reply = await stage.One.Send(method, "streams", read.Body!.ToJsonString());
            Assert.Equal((200, read.Body!.ToJsonString()), (reply.Status, reply.Body!.ToJsonString()));
        }
    }

    [Fact]
    public async Task A_client_has_20_streams_and_the_next_is_a_conflict()
    {
        var many = await Subscriber.Start(stage.Server, stage.Pool);
        var made = await Task.WhenAll(Enumerable.Range(0, 22).Select(_ => many.Send("POST", "streams", "{}")));
        Assert.Equal((20, 2), (made.Count(reply => reply.Status == 201), made.Count(reply => reply.Status == 409)));
        Assert.Equal(20, (await many.Send("GET", "streams")).Body!.AsArray().Count);
    }

    [Fact]
    public async Task Status_is_set_and_told_and_subjects_may_be_added_though_all_are_there()
    {
        var id = await stage.One.Poller();
        Assert.Equal("enabled", (string?)(await stage.One.Send("GET", $"status?stream_id={id}"))["status"]);
        var paused = await stage.One.Send("POST", "status", $$"""{"stream_id": "{{id}}", "status": "paused", "reason": "holidays"}""");
        Assert.Equal((200, "paused", "holidays"), (paused.Status, (string?)paused["status"], (string?)paused["reason"]));
        var added = await stage.One.Send("POST", "subjects/add", $$"""{"stream_id": "{{id}}", "subject": {"format": "email", "email": "ana@example.com"}, "verified": true}""");
        Assert.Equal((200, null), (added.Status, added.Body));
    }

    [Fact]
    public async Task A_body_that_is_too_long_or_of_another_type_is_refused_and_replies_are_not_stored()
    {
        Assert.Equal(413, (await stage.One.Send("POST", "streams", $$"""{"description": "{{new string('x', 70_000)}}"}""")).Status);
        Assert.Equal(400, (await stage.One.Send("POST", "streams", "{}", "text/plain")).Status);
        Assert.True((await stage.One.Send("GET", "streams")).Http.Headers.CacheControl!.NoStore);
    }
}
