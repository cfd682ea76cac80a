using System.Net.Http.Headers;
using System.Text;
using Poolhouse.Server.Cognito;

namespace Poolhouse.Trials.Fuzz;

/// <summary>One request as it is sent: nothing of it need be right.</summary>
sealed record Sent(string Method, string Path, byte[]? Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>As a message; null where the client itself refuses to send it.</summary>
    public HttpRequestMessage? Message(string url)
    {
        var whole = url + Path;
        if (!Uri.TryCreate(whole, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri) || uri.Authority != new Uri(url).Authority || Path.Any(one => one is <= ' ' or > '~')) return null;
        var message = new HttpRequestMessage(new HttpMethod(Method), uri);
        if (Body is not null) message.Content = new ByteArrayContent(Body);
        foreach (var (name, value) in Headers)
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content?.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    public override string ToString() => $"{Method} {Path}\n{string.Join('\n', Headers.Select(header => $"{header.Name}: {header.Value}"))}\n\n{(Body is null ? "" : Encoding.UTF8.GetString(Body))}";
}

/// <summary>Good requests to every endpoint, spoilt somewhere: in a member, in the path, in a header.</summary>
sealed class Requests(Mutator mutator)
{
    const string Json = "application/json";
    const string Form = "application/x-www-form-urlencoded";

    static readonly Operation[] Operations = [.. Server.Cognito.Operations.Table.Values.OrderBy(operation => operation.Name, StringComparer.Ordinal)];

    static readonly string[] Pages = ["/login", "/signup", "/confirm", "/confirmUser", "/resendcode", "/forgotPassword", "/confirmforgotPassword", "/newPassword", "/factor", "/mfa", "/mfaOption", "/mfaSetup", "/error", "/signedout"];

    Chance Chance => mutator.Chance;

    public Sent Next(Stage stage, string? csrf) => Chance.Below(10) switch
    {
        < 5 => Operation(stage),
        < 7 => OAuth(stage),
        < 9 => Page(stage, csrf),
        _ => Feed(stage),
    };

    Sent Operation(Stage stage)
    {
        var operation = Chance.One(Operations);
        var body = stage.Body(operation, Chance);
        // A good one now and then: what it leaves behind is what the others meet.
        body = Chance.Below(10) switch { < 3 => body, < 4 => mutator.Text(body), _ => mutator.Json(body) };
        return new("POST", "/", Bytes(body), Spoilt([("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", $"AWSCognitoIdentityProviderService.{operation.Name}"),
            ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + new string('a', 64)),
            ("X-Amz-Date", "20261123T120000Z")]));
    }

    Sent OAuth(Stage stage)
    {
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{stage["MachineId"]}:{stage["MachineSecret"]}"));
        var (path, form) = Chance.One<(string, string)>([
            ("/oauth2/token", $"grant_type=refresh_token&client_id={stage["ClientId"]}&refresh_token={stage["RefreshToken"]}"),
            ("/oauth2/token", $"grant_type=authorization_code&client_id={stage["ClientId"]}&code=00000000-0000-4000-8000-000000000000&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb&code_verifier={new string('v', 43)}"),
            ("/oauth2/token", "grant_type=client_credentials&scope=api%2Fread"),
            ("/oauth2/revoke", $"client_id={stage["ClientId"]}&token={stage["RefreshToken"]}"),
            ("/oauth2/introspect", $"token={stage["AccessToken"]}&token_type_hint=access_token"),
            ("/oauth2/userInfo", ""),
        ]);
        var authorization = path == "/oauth2/userInfo" ? "Bearer " + stage["AccessToken"] : basic;
        return new(Chance.Of(0.95) ? "POST" : Chance.One(["GET", "PUT", "HEAD", "OPTIONS", "TRACE"]), Spoilt(path, 0.03), Bytes(mutator.Text(form)),
            Spoilt([("Content-Type", Form), .. Chance.Of(0.5) ? [("Authorization", authorization)] : Array.Empty<(string, string)>()]));
    }

    Sent Page(Stage stage, string? csrf)
    {
        var query = $"?response_type=code&client_id={stage["ClientId"]}&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb&scope=openid+email&state=x&nonce=n&code_challenge={new string('c', 43)}&code_challenge_method=S256&prompt=login&login_hint=ana&resource=https%3A%2F%2Fapi.example.com";
        var cookies = $"XSRF-TOKEN={csrf}; cognito-{stage["UserPoolId"]}={new string('a', 43)}; page-data=abc";
        if (Chance.Of(0.25)) return new("GET", "/oauth2/authorize" + Spoilt(query), null, Spoilt([("Cookie", cookies)]));
        if (Chance.Of(0.1)) return new("GET", "/logout" + Spoilt($"?client_id={stage["ClientId"]}&logout_uri=http%3A%2F%2Flocalhost%3A3000%2F&state=y&id_token_hint={stage["IdToken"]}"), null, Spoilt([("Cookie", cookies)]));
        var page = Chance.One(Pages);
        if (Chance.Of(0.4)) return new("GET", Spoilt(page, 0.03) + Spoilt(query), null, Spoilt([("Cookie", cookies)]));
        var form = $"_csrf={csrf}&username=ana&password=Poolhouse-1&email=ana%40example.com&code=123456&confirmation_code=123456&new_password=Other-Pass-1&answer=PASSWORD&factor=EMAIL_OTP&requiredAttributes%5Bemail%5D=a%40b.c";
        return new("POST", page + Spoilt(query, 0.3), Bytes(Chance.Of(0.7) ? mutator.Text(form) : form), Spoilt([("Content-Type", Form), ("Cookie", cookies), ("Origin", "null")]));
    }

    Sent Feed(Stage stage)
    {
        var pool = stage["UserPoolId"];
        var stream = """{"delivery":{"method":"urn:ietf:rfc:8936"},"events_requested":["https://schemas.openid.net/secevent/caep/event-type/session-revoked"],"description":"d"}""";
        var (method, path, body) = Chance.One<(string, string, string?)>([
            ("GET", $"/{pool}/revocations/snapshot", null), ("GET", $"/{pool}/revocations/stream?since={new string('a', 32)}:1", null),
            ("GET", $"/{pool}/.well-known/openid-configuration", null), ("GET", $"/{pool}/.well-known/jwks.json", null), ("GET", $"/{pool}/.well-known/ssf-configuration", null),
            ("POST", $"/{pool}/ssf/streams", stream), ("PATCH", $"/{pool}/ssf/streams", stream), ("PUT", $"/{pool}/ssf/streams", stream), ("GET", $"/{pool}/ssf/streams?stream_id=x", null),
            ("POST", $"/{pool}/ssf/status", """{"stream_id":"x","status":"enabled","reason":"r"}"""), ("POST", $"/{pool}/ssf/verification", """{"stream_id":"x","state":"s"}"""),
            ("POST", $"/{pool}/ssf/subjects/add", """{"stream_id":"x","subject":{"format":"opaque","id":"y"},"verified":true}"""),
            ("POST", $"/{pool}/ssf/poll/x", """{"maxEvents":10,"returnImmediately":true,"ack":["a"],"setErrs":{"a":{"err":"e","description":"d"}}}"""),
            ("GET", "/dev/inbox", null), ("GET", "/healthz", null), ("GET", "/readyz", null),
        ]);
        return new(method, Spoilt(path, 0.5), body is null ? null : Bytes(mutator.Json(body)), Spoilt([("Content-Type", Json), ("Authorization", "Bearer " + stage["AccessToken"]), ("Last-Event-ID", $"{new string('b', 32)}:0")], 0.3));
    }

    // A path that is no longer one, or ends the request's first line, is not sent: the framework's reader is not on trial.
    string Spoilt(string text, double share = 0.7)
    {
        if (!Chance.Of(share)) return text;
        var spoilt = mutator.Text(text);
        var encoded = string.Concat(spoilt.Select(one => one is <= ' ' or > '~' ? Uri.EscapeDataString(char.IsSurrogate(one) ? "?" : one.ToString()) : one.ToString()));
        return encoded.Length <= 0 || (text[0] == '/' && encoded[0] != '/') ? "/" + encoded : text[0] == '?' && encoded[0] != '?' ? "?" + encoded : encoded;
    }

    List<(string, string)> Spoilt(IReadOnlyList<(string Name, string Value)> headers, double share = 0.03) =>
        [.. headers.Select(header => (header.Name, Chance.Of(share) ? new string(mutator.Text(header.Value).Where(one => one is >= ' ' and <= '~').ToArray()) : header.Value))];

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
