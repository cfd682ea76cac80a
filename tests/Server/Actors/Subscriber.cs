using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A reply of the stream management API, which may be an array or nothing.</summary>
public sealed record SsfReply(int Status, JsonNode? Body, HttpResponseMessage Http)
{
    public JsonNode? this[string member] => Body?[member];
}

/// <summary>Somebody who subscribes to the security events of a pool.</summary>
public sealed class Subscriber(PoolhouseTestServer server, string poolId, string? token = null)
{
    public const string SessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    public const string Verification = "https://schemas.openid.net/secevent/ssf/event-type/verification";

    public string? Token { get; } = token;

    /// <summary>Subscribes with a machine's client of its own.</summary>
    public static async Task<Subscriber> Start(PoolhouseTestServer server, string poolId, string scope = "poolhouse/revocations.read")
    {
        var client = await new Admin(server).Client(poolId, App.Object($$"""
            {"GenerateSecret": true, "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["{{scope}}"]}
            """));
        var reply = await new OAuthClient(server).Post("/oauth2/token", [("grant_type", "client_credentials"), ("scope", scope)], $"{client["ClientId"]}:{client["ClientSecret"]}");
        return new(server, poolId, (string?)reply.Body["access_token"] ?? throw new InvalidOperationException(reply.Body.ToJsonString()));
    }

    public async Task<SsfReply> Send(string method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(new(method), $"{server.Url}/{poolId}/ssf/{path}");
        if (Token is not null) request.Headers.Authorization = new("Bearer", Token);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        if ((int)reply.StatusCode == 500) throw new InvalidOperationException($"{path}: {text}\n{string.Join('\n', server.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)))}");
        return new((int)reply.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), reply);
    }

    /// <summary>Makes a stream and returns its id.</summary>
    public async Task<string> Poller() => Id(await Send("POST", "streams", "{}"));

    /// <summary>Makes a stream that is pushed to a receiver.</summary>
    public async Task<string> Pushed(Receiver receiver, string? header = null) => Id(await Send("POST", "streams", new JsonObject
    {
        ["delivery"] = new JsonObject { ["method"] = "urn:ietf:rfc:8935", ["endpoint_url"] = receiver.Url, ["authorization_header"] = header },
    }.ToJsonString()));

    /// <summary>Polls; the tokens by their jti.</summary>
    public async Task<Dictionary<string, string>> Poll(string stream, string request = """{"returnImmediately": true}""")
    {
        var reply = await Send("POST", $"poll/{stream}", request);
        if (reply.Status != 200) throw new InvalidOperationException($"{reply.Status} {reply.Body}");
        return reply["sets"]!.AsObject().ToDictionary(set => set.Key, set => (string)set.Value!);
    }

    /// <summary>Acknowledges and polls on.</summary>
    public Task<Dictionary<string, string>> Ack(string stream, params string[] jtis) =>
        Poll(stream, new JsonObject { ["returnImmediately"] = true, ["ack"] = new JsonArray([.. jtis.Select(jti => (JsonNode)jti)]) }.ToJsonString());

    public Task<SsfReply> Verify(string stream, string state = "s") => Send("POST", "verification", $$"""{"stream_id": "{{stream}}", "state": "{{state}}"}""");

    public Task<SsfReply> Set(string stream, string status) => Send("POST", "status", $$"""{"stream_id": "{{stream}}", "status": "{{status}}"}""");

    /// <summary>The session that an event is about.</summary>
    public static string? Session(string token) => (string?)App.Claims(token)["sub_id"]?["session"]?["id"];

    static string Id(SsfReply made) => made.Status == 201 ? (string)made["stream_id"]! : throw new InvalidOperationException($"{made.Status} {made.Body}");
}
