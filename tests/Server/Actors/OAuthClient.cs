using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>An app that speaks to the OAuth endpoints.</summary>
public sealed class OAuthClient(PoolhouseTestServer server)
{
    /// <summary>Posts a form; values are sent as they are given.</summary>
    public async Task<ApiReply> Post(string path, (string Name, string Value)[] form, string? basic = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url + path);
        if (basic is not null) request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(basic)));
        request.Content = new StringContent(string.Join('&', form.Select(pair => $"{pair.Name}={pair.Value}")));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded");
        var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        return new((int)reply.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject(), reply);
    }

    /// <summary>Refreshes at the token endpoint.</summary>
    public Task<ApiReply> Refresh(string clientId, string refreshToken, string? basic = null) =>
        Post("/oauth2/token", [("grant_type", "refresh_token"), ("client_id", clientId), ("refresh_token", refreshToken)], basic);

    /// <summary>Asks userInfo with a Bearer token.</summary>
    public async Task<ApiReply> UserInfo(string? accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url + "/oauth2/userInfo");
        if (accessToken is not null) request.Headers.Authorization = new("Bearer", accessToken);
        var reply = await server.Http.SendAsync(request);
        return new((int)reply.StatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync())!.AsObject(), reply);
    }
}
