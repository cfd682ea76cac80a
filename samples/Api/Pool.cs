using System.Net.Http.Headers;
using System.Text.Json;

namespace Poolhouse.Samples.Api;

/// <summary>The one call that this API makes to the pool: an operation of Cognito's JSON API, as any AWS SDK would send it.</summary>
sealed class Pool(string issuer) : IDisposable
{
    readonly HttpClient http = new() { BaseAddress = new Uri(new Uri(issuer), "/"), Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>GlobalSignOut: revokes every session of the user whose access token this is.</summary>
    public async Task<bool> SignOutEverywhere(string? accessToken, CancellationToken cancel)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, "")
        {
            Headers = { { "X-Amz-Target", "AWSCognitoIdentityProviderService.GlobalSignOut" } },
            Content = new StringContent(JsonSerializer.Serialize(new { AccessToken = accessToken }), new MediaTypeHeaderValue("application/x-amz-json-1.1")),
        };
        using var reply = await http.SendAsync(call, cancel);
        return reply.IsSuccessStatusCode;
    }

    public void Dispose() => http.Dispose();
}
