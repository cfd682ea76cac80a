using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Poolhouse.Tokens;

/// <summary>The endpoints of a pool, from its discovery document (OpenID Connect Discovery §4).</summary>
/// <param name="Token">The token endpoint.</param>
/// <param name="Introspection">The introspection endpoint (RFC 7662), or null: Amazon has none.</param>
public sealed record PoolEndpoints(Uri Token, Uri? Introspection)
{
    /// <summary>Reads the discovery document of a pool.</summary>
    /// <param name="pool">The pool's address, without a trailing slash.</param>
    /// <param name="http">Sends the request.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<PoolEndpoints> Discover(string pool, HttpClient http, CancellationToken cancel)
    {
        var body = await http.GetByteArrayAsync(new Uri($"{pool}/.well-known/openid-configuration"), cancel);
        using var document = JsonDocument.Parse(body);
        return Uri.TryCreate(Text(document.RootElement, "token_endpoint"), UriKind.Absolute, out var token)
            ? new(token, Uri.TryCreate(Text(document.RootElement, "introspection_endpoint"), UriKind.Absolute, out var introspection) ? introspection : null)
            : throw new InvalidDataException($"The discovery document of {pool} names no token endpoint.");
    }

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>
/// The access token of a machine (client_credentials, RFC 6749 §4.4), kept until a minute before its end and fetched by one
/// caller at a time. Thread-safe.
/// </summary>
/// <param name="endpoint">Finds the token endpoint.</param>
/// <param name="clientId">The confidential client.</param>
/// <param name="clientSecret">Its secret.</param>
/// <param name="scope">The scopes, separated by spaces.</param>
/// <param name="http">Sends the request.</param>
/// <param name="time">The clock.</param>
public sealed class MachineToken(
    Func<CancellationToken, Task<PoolEndpoints>> endpoint, string clientId, string clientSecret, string scope, HttpClient http, TimeProvider time) : IDisposable
{
    static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    readonly SemaphoreSlim one = new(1);
    string? token;
    long gotAt;
    TimeSpan goodFor;

    /// <summary>The token, fetched anew where it is about to end.</summary>
    public async Task<string?> Get(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (token is null || time.GetElapsedTime(gotAt) >= goodFor) await Fetch(cancel);
            return token;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Forgets the token, because it was refused.</summary>
    public void Forget() => token = null;

    /// <summary>The value of an Authorization header that proves the client (RFC 6749 §2.3.1: both parts are form-encoded first).</summary>
    public static AuthenticationHeaderValue Basic(string clientId, string clientSecret) => new("Basic",
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(clientSecret)}")));

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    async Task Fetch(CancellationToken cancel)
    {
        var asked = time.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, (await endpoint(cancel)).Token);
        request.Headers.Authorization = Basic(clientId, clientSecret);
        request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", scope)]);
        using var reply = await http.SendAsync(request, cancel);
        var body = await reply.Content.ReadAsByteArrayAsync(cancel);
        if (!reply.IsSuccessStatusCode) throw new HttpRequestException($"The token endpoint answers {(int)reply.StatusCode} to client {clientId} and scope {scope}.", null, reply.StatusCode);
        using var document = JsonDocument.Parse(body);
        var lifetime = TimeSpan.FromSeconds(document.RootElement.GetProperty("expires_in").GetInt64());
        (gotAt, goodFor) = (asked, lifetime - (lifetime > 2 * Margin ? Margin : lifetime / 2));
        token = document.RootElement.GetProperty("access_token").GetString();
    }
}
