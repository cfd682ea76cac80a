using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

public class DiscoveryTests(Realm realm) : IClassFixture<Realm>
{
    [Fact]
    public async Task The_document_names_every_endpoint_at_the_public_URL()
    {
        var document = JsonNode.Parse(await realm.Server.Http.GetStringAsync($"{realm.Issuer}/.well-known/openid-configuration"))!.AsObject();
        Assert.Equal(realm.Issuer, (string?)document["issuer"]);
        Assert.Equal($"{realm.Issuer}/.well-known/jwks.json", (string?)document["jwks_uri"]);
        foreach (var (member, path) in new[] { ("authorization", "authorize"), ("token", "token"), ("userinfo", "userInfo"), ("revocation", "revoke"), ("introspection", "introspect") })
            Assert.Equal($"{realm.Server.Url}/oauth2/{path}", (string?)document[$"{member}_endpoint"]);
        Assert.Equal($"{realm.Server.Url}/logout", (string?)document["end_session_endpoint"]);
        foreach (var (member, values) in new[]
        {
            ("id_token_signing_alg_values_supported", "RS256"), ("response_types_supported", "code token"), ("scopes_supported", "openid email phone profile"),
            ("subject_types_supported", "public"), ("token_endpoint_auth_methods_supported", "client_secret_basic client_secret_post"),
            ("code_challenge_methods_supported", "S256"), ("grant_types_supported", "authorization_code implicit refresh_token client_credentials"),
        })
            Assert.Equal((member, values), (member, string.Join(' ', document[member]!.AsArray().Select(value => (string)value!))));
        Assert.True((bool)document["authorization_response_iss_parameter_supported"]!);
    }

    [Fact]
    public async Task The_key_set_has_two_public_keys_and_no_private_member()
    {
        using var reply = await realm.Server.Http.GetAsync($"{realm.Issuer}/.well-known/jwks.json");
        var keys = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["keys"]!.AsArray();
        Assert.Equal(2, keys.Count);
        foreach (var key in keys)
        {
            Assert.Equal(["alg", "e", "kid", "kty", "n", "use"], key!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
            Assert.Equal(("RS256", "AQAB", "RSA", "sig"), ((string?)key["alg"], (string?)key["e"], (string?)key["kty"], (string?)key["use"]));
            Assert.Matches("^[A-Za-z0-9+/]{43}=$", (string)key["kid"]!);
        }
        Assert.NotEqual((string?)keys[0]!["kid"], (string?)keys[1]!["kid"]);
        Assert.Equal((200, TimeSpan.FromHours(1)), ((int)reply.StatusCode, reply.Headers.CacheControl?.MaxAge));
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("openid-configuration"), InlineData("jwks.json")]
    public async Task The_host_header_and_forwarded_headers_change_no_byte(string document)
    {
        var url = $"{realm.Issuer}/.well-known/{document}";
        var plain = await realm.Server.Http.GetStringAsync(url);
        foreach (var (host, forwarded) in new[] { ($"any.auth.localhost:{realm.Server.Port}", "evil.test"), ($"127.0.0.1:{realm.Server.Port}", "evil.test"), ("localhost:1", "evil.test") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Host = host;
            foreach (var name in (string[])["X-Forwarded-Host", "X-Forwarded-For", "X-Original-Host"]) request.Headers.Add(name, forwarded);
            request.Headers.Add("X-Forwarded-Proto", "https");
            request.Headers.Add("Forwarded", $"host={forwarded};proto=https");
            using var reply = await realm.Server.Http.SendAsync(request);
            Assert.Equal(plain, await reply.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_pool_that_does_not_exist_is_404_in_JSON()
    {
        foreach (var document in (string[])["openid-configuration", "jwks.json"])
        {
            using var reply = await realm.Server.Http.GetAsync($"{realm.Server.Url}/us-east-1_Nobody/.well-known/{document}");
            Assert.Equal((404, "*"), ((int)reply.StatusCode, reply.Headers.GetValues("Access-Control-Allow-Origin").Single()));
            Assert.Equal("User pool us-east-1_Nobody does not exist.", (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync())!["message"]);
        }
    }

    [Fact]
    public async Task A_pool_may_name_Cognitos_own_issuer_and_its_tokens_do_too()
    {
        var pool = await realm.Admin.Pool(JsonNode.Parse("""{"UserPoolTags": {"poolhouse:Issuer": "aws"}}""")!.AsObject());
        var document = JsonNode.Parse(await realm.Server.Http.GetStringAsync($"{realm.Server.Url}/{pool}/.well-known/openid-configuration"))!;
        Assert.Equal($"https://cognito-idp.us-east-1.amazonaws.com/{pool}", (string?)document["issuer"]);
        Assert.Equal($"{realm.Server.Url}/{pool}/.well-known/jwks.json", (string?)document["jwks_uri"]);
    }
}
