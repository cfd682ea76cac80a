using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

/// <summary>The calls of the first user's page, to the letter: another origin, values not percent-encoded, a redirect URI that is an origin without a path.</summary>
public class FirstUserTests(Realm realm) : IClassFixture<Realm>
{
    [Fact]
    public async Task Signs_in_calls_refreshes_and_reads_errors()
    {
        var client = await realm.Client();
        var code = await realm.Code(client, ("redirect_uri", "http://localhost:3000"));
        var first = await Fetch($"grant_type=authorization_code&client_id={client}&code={code}&code_verifier={Realm.Verifier}&redirect_uri=http://localhost:3000");
        Assert.Equal(["access_token", "expires_in", "id_token", "refresh_token", "token_type"], Names(first.Body));
        Assert.Equal((true, 3600, "Bearer"), (first.Ok, (int)first.Body["expires_in"]!, (string?)first.Body["token_type"]));

        var refreshed = await Fetch($"grant_type=refresh_token&client_id={client}&redirect_uri=http://localhost:3000&refresh_token={first.Body["refresh_token"]}");
        Assert.Equal(["access_token", "expires_in", "id_token", "token_type"], Names(refreshed.Body));
        Assert.Equal(200, (await realm.App.UserInfo((string?)refreshed.Body["access_token"])).Status);

        var again = await Fetch($"grant_type=authorization_code&client_id={client}&code={code}&code_verifier={Realm.Verifier}&redirect_uri=http://localhost:3000");
        Assert.Equal((false, "invalid_grant"), (again.Ok, (string?)again.Body["error"]));
    }

    async Task<(bool Ok, JsonObject Body)> Fetch(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, realm.Server.Url + "/oauth2/token") { Content = new StringContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded");
        request.Headers.Add("Origin", "http://localhost:3000");
        request.Headers.Add("Sec-Fetch-Site", "same-site");
        using var reply = await realm.Server.Http.SendAsync(request);
        Assert.Equal("*", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        return (reply.IsSuccessStatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync())!.AsObject());
    }

    static IEnumerable<string> Names(JsonObject body) => body.Select(member => member.Key).Order(StringComparer.Ordinal);
}
