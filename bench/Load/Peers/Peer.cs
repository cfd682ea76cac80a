using System.Net.Http.Json;
using System.Text.Json;

namespace Poolhouse.Load.Peers;

/// A server beside which Poolhouse is measured, or Poolhouse itself: how it starts, how one signs in, how one refreshes.
abstract class Peer
{
    public required string Name { get; init; }

    /// Refreshes in one round: enough for some seconds of work.
    public required int Requests { get; init; }

    /// Refreshes before the first round that counts: a runtime compiles what is hot in several steps, each after many calls.
    public int WarmUp { get; init; } = 4000;

    /// Whether a refresh is answered with a new refresh token, which the connection then has to use.
    public bool Rotates { get; init; }

    /// Where the server listens, once it was given a port.
    public Uri Url { get; private set; } = new("http://localhost");

    /// Asks a server that somebody else has started.
    public void At(Uri url) => Url = url;

    protected abstract string ReadyPath { get; }

    /// A path whose answer needs the stored data; start-up is timed to its first good answer.
    public virtual string FirstPath => ReadyPath;

    protected abstract Command CommandOn(int port, string data);

    /// What has to exist before the first sign-in, made once on a fresh server.
    public virtual Task Prepare(HttpClient http) => Task.CompletedTask;

    /// Signs in by the server's own flow and returns the refresh token.
    public abstract Task<string> SignIn(HttpClient http);

    public abstract HttpRequestMessage Refresh(string refreshToken);

    /// Reads the reply of a refresh; throws where it is not one.
    public virtual Tokens Read(JsonElement reply) => Tokens.From(reply, "access_token", "id_token", "refresh_token");

    public ServerProcess Launch(string data, string cores)
    {
        var port = ServerProcess.FreePort();
        Url = new($"http://localhost:{port}/");
        Directory.CreateDirectory(data);
        return ServerProcess.Start(CommandOn(port, data), Path.Combine(data, "log"), cores);
    }

    public async Task<ServerProcess> Start(HttpClient http, string data, string cores)
    {
        var server = Launch(data, cores);
        try { await server.Answers(http, new(Url, ReadyPath)); }
        catch { await server.DisposeAsync(); throw; }
        return server;
    }

    protected HttpRequestMessage Form(string path, params (string Name, string Value)[] fields) => new(HttpMethod.Post, new Uri(Url, path))
    {
        Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
    };

    /// A call of the AWS JSON API.
    public HttpRequestMessage Call(string operation, object body)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new("application/x-amz-json-1.1");
        var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = content };
        request.Headers.Add("X-Amz-Target", $"AWSCognitoIdentityProviderService.{operation}");
        return request;
    }

    /// Sends a request and returns the JSON of a good answer.
    public async Task<JsonElement> Ask(HttpClient http, HttpRequestMessage request)
    {
        using (request)
        using (var reply = await http.SendAsync(request))
        {
            if (reply.StatusCode == System.Net.HttpStatusCode.OK) return await reply.Content.ReadFromJsonAsync<JsonElement>();
            throw new BenchException($"{Name} answered {(int)reply.StatusCode} to {request.RequestUri}: {await reply.Content.ReadAsStringAsync()}");
        }
    }
}

/// The tokens that one refresh yields.
sealed record Tokens(string Access, string Id, string? Refresh)
{
    /// Both must be signed JWTs, or the server did less work than it is credited with.
    public static Tokens From(JsonElement reply, string access, string id, string refresh) => new(Jwt(reply, access), Jwt(reply, id),
        reply.TryGetProperty(refresh, out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null);

    static string Jwt(JsonElement reply, string name) =>
        reply.TryGetProperty(name, out var value) && value.GetString() is { } token && token.AsSpan().Count('.') == 2
            ? token
            : throw new BenchException($"a reply without a signed '{name}': {reply}");
}
