using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>Bad inputs of the endpoints that apps post forms to.</summary>
static class TokenInputs
{
    public static readonly BadInput[] Rows =
    [
        new("B19", "token", "GET",                               s => s.Get("/oauth2/token?grant_type=refresh_token"),                      Expect.Both(Expect.Json("invalid_request", 405), MustPost)),
        new("B20", "token", "JSON",                              s => s.Token("""{"grant_type":"canary"}""", type: "application/json"),      Expect.Json("invalid_request")),
        new("B21", "token", "no grant_type",                     s => s.Token($"client_id={s.Web}"),                                        Expect.Json("invalid_request")),
        new("B21", "token", "empty grant_type",                  s => s.Token($"client_id={s.Web}&grant_type="),                            Expect.Json("invalid_request")),
        new("B22", "token", "grant_type=password",               s => s.Token($"client_id={s.Web}&grant_type=password&username=ana&password=canary"), Expect.Json("unsupported_grant_type")),
        new("B23", "token", "code twice",                        s => s.Token($"grant_type=authorization_code&client_id={s.Web}&code=a&code=b"), Expect.Json("invalid_request")),
        new("B24", "token", "code replay, right verifier",       s => Replay(s, Realm.Verifier, isDead: true),                              Expect.Json("invalid_grant")),
        new("B25", "token", "code replay, wrong verifier",       s => Replay(s, new string('w', 43), isDead: false),                        Expect.Json("invalid_grant")),
        new("B26", "token", "code of another client",            ForeignCode,                                                               Expect.Json("invalid_grant")),
        new("B27", "token", "redirect_uri differs",              async s => await s.Redeem(await s.Code(), redirect: "https://app.example.com/cb"), Expect.Json("unauthorized_client")),
        new("B28", "token", "no code_verifier",                  async s => await s.Redeem(await s.Code(), verifier: null),                 Expect.Json("invalid_grant")),
        new("B29", "token", "verifier without challenge",        Unchallenged,                                                              Expect.Json("invalid_grant")),
        new("B30", "token", "wrong secret in Basic",             s => s.Token("grant_type=client_credentials", Encoded($"{s.Backend.Id}:canary")), Expect.Json("invalid_client")),
        new("B31", "token", "Basic and body secret",             s => s.Token("grant_type=client_credentials&client_secret=canary", Encoded(s.Basic)), Expect.Json("invalid_request")),
        new("B32", "token", "Basic, bad base64",                 s => s.Token("grant_type=client_credentials", "canary!!"),                 Expect.Json("invalid_request")),
        new("B32", "token", "Basic, no colon",                   s => s.Token("grant_type=client_credentials", Encoded("canary")),          Expect.Json("invalid_request")),
        new("B32", "token", "Basic, nothing",                    s => s.Token("grant_type=client_credentials", ""),                         Expect.Json("invalid_request")),
        new("B33", "token", "refresh token of another client",   ForeignRefresh,                                                            Expect.Json("invalid_grant")),
        new("B34", "token", "refresh token two generations old", TwoGenerations,                                                            Expect.Json("invalid_grant")),
        new("B35", "token", "refresh asks wider scope",          async s => await s.Refresh(s.Web, (await s.SignIn()).Refresh, "&scope=openid+api/write"), Expect.Status(200)),
        new("B36", "token", "machine grant, public client",      s => s.Token($"grant_type=client_credentials&client_id={s.Web}"),          Expect.Json("unauthorized_client")),
        new("B37", "token", "65 KB",                             s => s.Token("grant_type=canary&x=" + new string('x', 65 * 1024)),         Expect.Json("invalid_request", 413)),
        new("B38", "token", "%FF%FE",                            s => s.Token("grant_type=refresh_token&refresh_token=%FF%FE"),             Expect.Json("invalid_request")),
        new("B38", "token", "NUL",                               s => s.Token("grant_type=refresh_token&refresh_token=a%00b"),              Expect.Json("invalid_request")),
        new("B38", "token", "half an escape",                    s => s.Token("grant_type=refresh_token&refresh_token=%4"),                 Expect.Json("invalid_request")),
        new("B38", "token", "74 foreign characters",             s => s.Refresh(s.Web, new string('!', 74)),                                Expect.Json("invalid_grant")),
        new("B50", "revoke", "unknown token",                    s => s.Token($"client_id={s.Web}&token=canary", path: "/oauth2/revoke"),    Expect.Status(200, "")),
        new("B50", "revoke", "74 foreign characters",            s => s.Token($"client_id={s.Web}&token={new string('!', 74)}", path: "/oauth2/revoke"), Expect.Status(200, "")),
        new("B51", "introspect", "nobody asks",                  async s => await s.Token($"token={(await s.SignIn()).Access}", path: "/oauth2/introspect"), Expect.Json("invalid_client", 401)),
        new("B51", "introspect", "a token of another client",    async s => await s.Token($"token={(await s.SignIn()).Access}", Encoded(s.Basic), "/oauth2/introspect"), Expect.Status(200, """{"active":false}""")),
        new("B60", "token", "a prefix that no pool has",         s => Prefixed(s, "canary"),                                                Expect.Json("invalid_request", 404)),
    ];

    static async Task<Answer> Replay(Stage stage, string verifier, bool isDead)
    {
        var code = await stage.Code();
        var tokens = Realm.Granted(await stage.Realm.Redeem(stage.Web, code));
        stage.Realm.Clock.Advance(TimeSpan.FromSeconds(11));
        var answer = await stage.Redeem(code, verifier: verifier);
        Assert.Equal((isDead ? 401 : 200, isDead ? 400 : 200), ((await stage.UserInfo(tokens.Access)).Status, (await stage.Refresh(stage.Web, tokens.Refresh)).Status));
        return answer;
    }

    static async Task<Answer> ForeignCode(Stage stage)
    {
        var code = await stage.Code();
        var answer = await stage.Redeem(code, stage.Other);
        Assert.Equal(200, (await stage.Redeem(code)).Status);
        return answer;
    }

    static async Task<Answer> Unchallenged(Stage stage)
    {
        var code = await stage.Realm.Code(stage.Backend.Id, ("code_challenge", null), ("code_challenge_method", null));
        return Answer.Of(await stage.Realm.Redeem(stage.Backend.Id, code, basic: stage.Basic));
    }

    static async Task<Answer> ForeignRefresh(Stage stage)
    {
        var tokens = await stage.SignIn();
        var answer = await stage.Refresh(stage.Rotating, tokens.Refresh);
        Assert.Equal(200, (await stage.Refresh(stage.Web, tokens.Refresh)).Status);
        return answer;
    }

    static async Task<Answer> TwoGenerations(Stage stage)
    {
        var first = await stage.Realm.SignIn(stage.Rotating);
        var second = Realm.Granted(await stage.Realm.App.Refresh(stage.Rotating, first.Refresh));
        var third = Realm.Granted(await stage.Realm.App.Refresh(stage.Rotating, second.Refresh));
        var answer = await stage.Refresh(stage.Rotating, first.Refresh);
        Assert.Equal((400, 401), ((await stage.Refresh(stage.Rotating, third.Refresh)).Status, (await stage.UserInfo(third.Access)).Status));
        return answer;
    }

    static async Task<Answer> Prefixed(Stage stage, string prefix)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, stage.Realm.Server.Url + "/oauth2/token");
        request.Headers.Host = $"{prefix}.auth.localhost:{stage.Realm.Server.Port}";
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "refresh_token"), KeyValuePair.Create("client_id", stage.Web)]);
        return await Answer.Of(await stage.Realm.Server.Http.SendAsync(request));
    }

    static void MustPost(Answer answer) => Assert.Equal("POST", answer.Header("Allow"));

    static string Encoded(string basic) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(basic));
}
