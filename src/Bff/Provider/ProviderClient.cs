using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Poolhouse.Bff.Store;
using Poolhouse.Tokens;

namespace Poolhouse.Bff.Provider;

/// <summary>Speaks to the provider: token endpoint, revocation endpoint (RFC 7009), discovery. Redirects are never followed: they would carry a secret elsewhere.</summary>
sealed class ProviderClient(CheckedBffOptions options, ProviderHttp http, IOptionsMonitor<OpenIdConnectOptions> openId, BffTelemetry told)
{
    const int Tries = 3;
    const long UsualLifetime = 300;
    static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(1);
    static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(150);

    /// <summary>The discovery document; the last good one while the provider is away.</summary>
    public async Task<OpenIdConnectConfiguration> Configuration(CancellationToken cancel) =>
        await openId.Get(BffExtensions.OpenIdScheme).ConfigurationManager!.GetConfigurationAsync(cancel);

    /// <summary>Asks for the keys anew the next time, because one was named that is not known.</summary>
    public void KeyIsUnknown() => openId.Get(BffExtensions.OpenIdScheme).ConfigurationManager!.RequestRefresh();

    /// <summary>Posts to the token endpoint, the client's proof added. The caller disposes the reply.</summary>
    public async Task<HttpResponseMessage> Token(Dictionary<string, string> form, CancellationToken cancel) =>
        await Post((await Configuration(cancel)).TokenEndpoint, form, cancel);

    /// <summary>
    /// Presents a refresh token. A reply that was lost on its way, or did not come in time, is asked for again at once with the same token: within the provider's grace the
    /// answer is the same, and there is no better moment. Later may be too late, if nobody calls for a while.
    /// </summary>
    public async Task<RefreshReply> Refresh(string refreshToken)
    {
        RefreshReply reply = new Away(TimeSpan.Zero, "it was not asked");
        for (var tries = 1; tries <= Tries; tries++)
        {
            try
            {
                using var patience = new CancellationTokenSource(options.Given.ProviderTimeout);
                using var answer = await Token(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken }, patience.Token);
                return await Read(answer, patience.Token);
            }
            catch (OperationCanceledException)
            {
                reply = new Away(TimeSpan.Zero, $"no answer within {options.Given.ProviderTimeout}");
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidOperationException or JsonException)
            {
                reply = new Away(TimeSpan.Zero, fault.Message);
            }
            if (tries < Tries) await Task.Delay(RetryPause);
        }
        return reply;
    }

    /// <summary>Revokes a refresh token, and with it the session at the provider. Never throws: the session here has ended already.</summary>
    public async Task Revoke(string? refreshToken)
    {
        if (refreshToken is null) return;
        try
        {
            using var patience = new CancellationTokenSource(options.Given.ProviderTimeout);
            if (RevocationEndpoint(await Configuration(patience.Token)) is not { } endpoint) return;
            using var reply = await Post(endpoint, new() { ["token"] = refreshToken, ["token_type_hint"] = "refresh_token" }, patience.Token);
            reply.EnsureSuccessStatusCode();
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            told.NotRevoked(fault);
        }
    }

    string? RevocationEndpoint(OpenIdConnectConfiguration configuration)
    {
        if (configuration.RevocationEndpoint is { Length: > 0 } named) return named;
        // Older documents of Amazon's do not name it; it lies beside the token endpoint.
        return options.Provider == BffProvider.Cognito ? new Uri(new Uri(configuration.TokenEndpoint), "revoke").ToString() : null;
    }

    async Task<HttpResponseMessage> Post(string endpoint, Dictionary<string, string> form, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        if (options.Given.ClientAuthentication == BffClientAuthentication.Basic)
        {
            request.Headers.Authorization = MachineToken.Basic(options.ClientId, options.ClientSecret);
            form.Remove("client_id");
            form.Remove("client_secret");
        }
        else
        {
            (form["client_id"], form["client_secret"]) = (options.ClientId, options.ClientSecret);
        }
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Content = new FormUrlEncodedContent(form);
        return await http.Calls.SendAsync(request, cancel);
    }

    async Task<RefreshReply> Read(HttpResponseMessage reply, CancellationToken cancel)
    {
        if (reply.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)) return Unavailable(reply);
        using var body = JsonDocument.Parse(await reply.Content.ReadAsByteArrayAsync(cancel));
        if (reply.StatusCode == HttpStatusCode.OK)
        {
            return Text(body, "access_token") is { Length: > 0 } access
                ? new Granted(access, Text(body, "refresh_token"), Text(body, "id_token"), Number(body, "expires_in") ?? UsualLifetime)
                : new Away(TimeSpan.Zero, "the reply holds no access token");
        }
        var (error, description) = (Text(body, "error"), Text(body, "error_description") ?? "");
        if (reply.StatusCode == HttpStatusCode.BadRequest && error == "invalid_grant") return new Refused(ReasonOf(description), $"invalid_grant: {Shown(description)}");
        // The client or the request is wrong, not the session: whoever mends it finds everybody still signed in.
        told.ClientRefused($"{error} {Shown(description)}");
        return new Away(TimeSpan.Zero, $"the token endpoint answers {error}");
    }

    static Away Unavailable(HttpResponseMessage reply)
    {
        var asked = reply.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
        return new(asked < LongestRetryAfter ? asked : LongestRetryAfter, $"the token endpoint answers {(int)reply.StatusCode}");
    }

    // Poolhouse's and Amazon's words. What names no reason is a user who is gone or disabled, or a token that is none any more: revoked.
    static EndReason ReasonOf(string description) =>
        description.Contains("used already", StringComparison.OrdinalIgnoreCase) || description.Contains("reuse", StringComparison.OrdinalIgnoreCase) ? EndReason.Reuse
        : description.Contains("expired", StringComparison.OrdinalIgnoreCase) ? EndReason.Expired
        : EndReason.Revoked;

    static string Shown(string text) => text.Length > 200 ? text[..200] : text;

    static string? Text(JsonDocument json, string name) =>
        json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static long? Number(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number > 0 ? number : null;
}

/// <summary>The two clients over the one handler: one for calls, one for the feed, which has no end.</summary>
sealed class ProviderHttp : IDisposable
{
    const int LongestReply = 1024 * 1024;

    public ProviderHttp(CheckedBffOptions options)
    {
        var handler = options.Given.Backchannel ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = options.Given.ProviderTimeout };
        var owned = options.Given.Backchannel is null;
        Calls = new(handler, owned) { Timeout = options.Given.ProviderTimeout, MaxResponseContentBufferSize = LongestReply };
        Streams = new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestReply };
    }

    public HttpClient Calls { get; }

    public HttpClient Streams { get; }

    public void Dispose()
    {
        Streams.Dispose();
        Calls.Dispose();
    }
}
