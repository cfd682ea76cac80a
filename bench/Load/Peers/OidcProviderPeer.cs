using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Web;

namespace Poolhouse.Load.Peers;

/// oidc-provider with its in-memory adapter: code and PKCE through its own sign-in and consent pages, then the refresh grant.
sealed partial class OidcProviderPeer(Paths paths) : Peer
{
    const string Callback = "http://localhost:1/callback";

    protected override string ReadyPath => ".well-known/openid-configuration";

    protected override Command CommandOn(int port, string data) => new(Path.Combine(paths.Bench, "peers"),
        ["node", "oidc-provider.mjs"], ("PORT", $"{port}"), ("ROTATE", Rotates ? "1" : "0"), ("NODE_ENV", "production"));

    public override async Task<string> SignIn(HttpClient http)
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var code = await Walk(new Uri(Url, "auth?response_type=code&client_id=bench&prompt=consent&scope=openid%20offline_access%20api"
            + $"&redirect_uri={Uri.EscapeDataString(Callback)}&code_challenge_method=S256&code_challenge={challenge}"));
        var reply = await Ask(http, Form("token", ("grant_type", "authorization_code"), ("client_id", "bench"),
            ("code", code), ("code_verifier", verifier), ("redirect_uri", Callback)));
        return reply.GetProperty("refresh_token").GetString()!;
    }

    public override HttpRequestMessage Refresh(string refreshToken) =>
        Form("token", ("grant_type", "refresh_token"), ("client_id", "bench"), ("refresh_token", refreshToken));

    /// Follows redirects and sends every form that comes, like a person who agrees, until the code arrives.
    async Task<string> Walk(Uri start)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() });
        var next = new HttpRequestMessage(HttpMethod.Get, start);
        for (var step = 0; step < 20; step++)
        {
            using var reply = await browser.SendAsync(next);
            if (reply.Headers.Location is { } location)
            {
                var target = new Uri(Url, location);
                if (HttpUtility.ParseQueryString(target.Query)["code"] is { } code) return code;
                next = new(HttpMethod.Get, target);
                continue;
            }
            var page = await reply.Content.ReadAsStringAsync();
            if (FormTag().Match(page) is not { Success: true } form)
                throw new BenchException($"{Name} answered {(int)reply.StatusCode} without a form: {page}");
            next = new(HttpMethod.Post, new Uri(Url, WebUtility.HtmlDecode(form.Groups["action"].Value)))
            {
                Content = new FormUrlEncodedContent(InputTag().Matches(page).Select(input => KeyValuePair.Create(
                    input.Groups["name"].Value, input.Groups["value"] is { Success: true } given ? given.Value : "bench"))),
            };
        }
        throw new BenchException($"{Name} asked for more than twenty steps");
    }

    [GeneratedRegex("""<form[^>]* action="(?<action>[^"]+)" """, RegexOptions.ExplicitCapture)]
    private static partial Regex FormTag();

    [GeneratedRegex("""<input[^>]* name="(?<name>[^"]+)"( value="(?<value>[^"]*)")?""", RegexOptions.ExplicitCapture)]
    private static partial Regex InputTag();
}
