using System.Net.Http.Headers;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class CorsTests(Realm realm) : IClassFixture<Realm>
{
    [Theory]
    [InlineData("/oauth2/token"), InlineData("/oauth2/revoke"), InlineData("/oauth2/userInfo")]
    [InlineData("/{pool}/.well-known/openid-configuration"), InlineData("/{pool}/.well-known/jwks.json")]
    public async Task Pages_of_other_origins_may_call(string path)
    {
        using var reply = await Send(HttpMethod.Options, path.Replace("{pool}", realm.Pool, StringComparison.Ordinal));
        Assert.True(reply.IsSuccessStatusCode);
        Assert.Equal("*", Allowed(reply));
        Assert.Equal("GET, POST", reply.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("authorization, content-type", reply.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.False(reply.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("/oauth2/authorize"), InlineData("/login"), InlineData("/logout"), InlineData("/oauth2/introspect"), InlineData("/dev/inbox"), InlineData("/dev/reset")]
    public async Task Pages_of_other_origins_may_not_call(string path)
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Options, HttpMethod.Get])
        {
            using var reply = await Send(method, path);
            Assert.Null(Allowed(reply));
        }
    }

    public static TheoryData<int, string, string> Errors() => new()
    {
        { 400, "/oauth2/token",    "grant_type=refresh_token" },
        { 400, "/oauth2/token",    "a=%00" },
        { 413, "/oauth2/token",    "a=" + new string('x', 70_000) },
        { 400, "/oauth2/revoke",   "client_id=%FF" },
        { 401, "/oauth2/revoke",   "client_id=x&token=y" },
        { 400, "/oauth2/userInfo", "" },
        { 404, "/us-east-1_No/.well-known/jwks.json", "" },
        { 405, "/oauth2/token",    "" },
        { 405, "/oauth2/revoke",   "" },
    };

    [Theory, MemberData(nameof(Errors))]
    public async Task An_error_can_be_read_by_the_page_that_made_it(int status, string path, string body)
    {
        using var reply = await Send(body.Length == 0 ? HttpMethod.Get : HttpMethod.Post, path, body.Length == 0 ? null : body);
        Assert.Equal((status, "*"), ((int)reply.StatusCode, Allowed(reply)));
    }

    async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, realm.Server.Url + path);
        request.Headers.Add("Origin", "https://app.example.com");
        if (method == HttpMethod.Options)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        }
        if (body is not null) request.Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded"));
        return await realm.Server.Http.SendAsync(request);
    }

    static string? Allowed(HttpResponseMessage reply) => reply.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
}
