namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>Bad inputs of the endpoints that browsers are sent to.</summary>
static class AuthorizeInputs
{
    const string Good = "https://app.example.com/cb";

    public static readonly BadInput[] Rows =
    [
        new("B01", "authorize", "unknown client_id",             s => s.Authorize(("client_id", "canary")),                           Expect.Page()),
        new("B01", "authorize", "no client_id",                  s => s.Authorize(("client_id", null)),                               Expect.Page()),
        new("B02", "authorize", "redirect_uri not registered",   s => s.Authorize(("redirect_uri", "https://canary.test/cb")),        Expect.Page()),
        new("B03", "authorize", "registered + /../x",            s => s.Authorize(("redirect_uri", Good + "/../x")),                  Expect.Page()),
        new("B04", "authorize", "%2e%2e",                        s => s.Authorize(("redirect_uri", Good + "/%2e%2e/x")),              Expect.Page()),
        new("B04", "authorize", "host in upper case",            s => s.Authorize(("redirect_uri", "https://APP.example.com/cb")),    Expect.Page()),
        new("B04", "authorize", "a slash more",                  s => s.Authorize(("redirect_uri", Good + "/")),                      Expect.Page()),
        new("B04", "authorize", "another loopback port",         s => s.Authorize(("redirect_uri", "http://localhost:3001")),         Expect.Page()),
        new("B05", "authorize", "user part before the host",     s => s.Authorize(("redirect_uri", "https://app.example.com@canary.test/cb")), Expect.Page()),
        new("B06", "authorize", "registered + #frag",            s => s.Authorize(("redirect_uri", Good + "#frag")),                  Expect.Page()),
        new("B07", "authorize", "redirect_uri twice",            s => s.Authorize(("redirect_uri", Good), ("redirect_uri", "https://canary.test")), Expect.Page()),
        new("B07", "authorize", "client_id twice",               s => s.Authorize(("client_id", s.Web), ("client_id", s.Web)),        Expect.Page()),
        new("B07", "authorize", "scope twice",                   s => s.Authorize(("scope", "openid"), ("scope", "openid")),          Expect.Back("invalid_request")),
        new("B08", "authorize", "no response_type",              s => s.Authorize(("response_type", null)),                           Expect.Back("invalid_request")),
        new("B08", "authorize", "response_type=id_token",        s => s.Authorize(("response_type", "id_token")),                     Expect.Back("unsupported_response_type")),
        new("B09", "authorize", "response_type=token",           s => s.Authorize(("response_type", "token")),                        Expect.Back("unauthorized_client", '#')),
        new("B10", "authorize", "public client, no challenge",   s => s.Authorize(("code_challenge", null), ("code_challenge_method", null)), Expect.Back("invalid_request")),
        new("B11", "authorize", "method plain",                  s => s.Authorize(("code_challenge_method", "plain")),                Expect.Back("invalid_request")),
        new("B11", "authorize", "challenge without method",      s => s.Authorize(("code_challenge_method", null)),                   Expect.Back("invalid_request")),
        new("B12", "authorize", "challenge of 42 characters",    s => s.Authorize(("code_challenge", new string('a', 42))),           Expect.Back("invalid_request")),
        new("B12", "authorize", "challenge of 44 characters",    s => s.Authorize(("code_challenge", new string('a', 43) + "=")),     Expect.Back("invalid_request")),
        new("B13", "authorize", "scope that the client lacks",   s => s.Authorize(("scope", "openid api/delete")),                    Expect.Back("invalid_scope")),
        new("B13", "authorize", "the reserved scope",            s => s.Authorize(("scope", "openid poolhouse/introspect")),          Expect.Back("invalid_scope")),
        new("B14", "authorize", "64 KB of state",                s => s.Authorize(("state", new string('x', 65_536))),                Expect.Status(414)),
        new("B15", "authorize", "prompt=none, no session",       s => s.Authorize(("prompt", "none")),                                Expect.Back("login_required")),
        new("B16", "authorize", "prompt=none login",             s => s.Authorize(("prompt", "none login")),                          Expect.Back("invalid_request")),
        new("B17", "authorize", "request object",                s => s.Authorize(("request", "eyJhbGciOiJub25lIn0.e30.")),           Expect.Back("request_not_supported")),
        new("B18", "authorize", "request_uri",                   s => s.Authorize(("request_uri", "https://canary.test/r")),          Expect.Back("request_uri_not_supported")),
        new("B47", "logout",    "logout_uri not registered",     s => s.Logout("https://canary.test/"),                               Expect.Page()),
        new("B47", "logout",    "registered + ?a=b",             s => s.Logout(Actors.Realm.Callback + "?a=b"),                       Expect.Page()),
        new("B48", "logout",    "javascript:",                   s => s.Logout("javascript:alert('canary')"),                         Expect.Page()),
        new("B48", "logout",    "//canary",                      s => s.Logout("//canary.test"),                                      Expect.Page()),
        new("B48", "logout",    "a tab inside",                  s => s.Logout("http://local\thost:3000"),                            Expect.Page()),
        new("B48", "logout",    "a backslash",                   s => s.Logout("http:\\\\canary.test"),                               Expect.Page()),
        new("B60", "any",       "Host: canary.test",             s => s.Get("/login", ("Host", "canary.test")),                       Expect.Status(400, "This server is not called by that name.\n")),
        new("B60", "any",       "X-Forwarded-Host",              Forwarded,                                                           Expect.Status(200)),
        new("B60", "authorize", "a prefix that no pool has",     s => s.Get("/oauth2/authorize?client_id=x", ("Host", $"canary.auth.localhost:{s.Realm.Server.Port}")), Expect.Page(404)),
    ];

    static async Task<Answer> Forwarded(Stage stage)
    {
        var answer = await stage.Get($"/{stage.Realm.Pool}/.well-known/openid-configuration", ("X-Forwarded-Host", "canary.test"), ("X-Forwarded-Proto", "https"));
        Xunit.Assert.DoesNotContain("canary", answer.Body, StringComparison.Ordinal);
        return answer;
    }
}
