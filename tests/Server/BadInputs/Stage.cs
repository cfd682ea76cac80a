using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>Where bad inputs are tried: a realm with clients of each kind, and somebody without cookies who sends anything anywhere.</summary>
public sealed class Stage : IAsyncLifetime
{
    public const string State = "st/4te+%26&";

    public Realm Realm { get; } = new();

    public string Web { get; private set; } = "";

    public string Other { get; private set; } = "";

    public string Rotating { get; private set; } = "";

    public (string Id, string Secret) Backend { get; private set; }

    public string Basic => $"{Backend.Id}:{Backend.Secret}";

    public async ValueTask InitializeAsync()
    {
        await Realm.InitializeAsync();
        Web = await Realm.Client("""{"PreventUserExistenceErrors": "ENABLED"}""");
        Other = await Realm.Client();
        Rotating = await Realm.Client("""{"RefreshTokenRotation": {"Feature": "ENABLED"}}""");
        Backend = await Realm.Confidential();
    }

    public ValueTask DisposeAsync() => Realm.DisposeAsync();

    /// <summary>A good authorization request with changes; null leaves a parameter out, and one more of a name is one more.</summary>
    public Task<Answer> Authorize(params (string Name, string? Value)[] changes) => Browse("/oauth2/authorize", changes);

    /// <summary>A sign-out with changes.</summary>
    public Task<Answer> Logout(string uri) => Get($"/logout?client_id={Web}&logout_uri={Uri.EscapeDataString(uri)}");

    public Task<Answer> Get(string pathAndQuery, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, pathAndQuery, null, headers);

    /// <summary>A form at the token endpoint, sent as it is written.</summary>
    public Task<Answer> Token(string body, string? basic = null, string path = "/oauth2/token", string type = "application/x-www-form-urlencoded") =>
        Send(HttpMethod.Post, path, new StringContent(body, MediaTypeHeaderValue.Parse(type)), basic is null ? [] : [("Authorization", "Basic " + basic)]);

    /// <summary>A refresh by the web client's rules.</summary>
    public Task<Answer> Refresh(string client, string token, string more = "") => Token($"grant_type=refresh_token&client_id={client}&refresh_token={token}{more}");

    /// <summary>A code, redeemed with changes.</summary>
    public Task<Answer> Redeem(string code, string? client = null, string? verifier = Realm.Verifier, string redirect = Realm.Callback) => Token(
        $"grant_type=authorization_code&client_id={client ?? Web}&code={code}&redirect_uri={redirect}{(verifier is null ? "" : "&code_verifier=" + verifier)}");

    public Task<string> Code() => Realm.Code(Web);

    public Task<IssuedTokens> SignIn() => Realm.SignIn(Web, "openid aws.cognito.signin.user.admin");

    /// <summary>A token at userInfo.</summary>
    public Task<Answer> UserInfo(string token) => Get("/oauth2/userInfo", ("Authorization", "Bearer " + token));

    /// <summary>A live access token with another header, signed by somebody else's means.</summary>
    public async Task<Answer> Forged(string header, Func<byte[], byte[]> sign)
    {
        var genuine = (await SignIn()).Access.Split('.');
        var kid = (string)JsonNode.Parse(Base64Url.DecodeFromChars(genuine[0]))!["kid"]!;
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.Replace("{kid}", kid, StringComparison.Ordinal))) + "." + genuine[1];
        return await UserInfo(body + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(body))));
    }

    /// <summary>A call of the JSON API, sent as it is written.</summary>
    public Task<Answer> Api(string target, string body, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, "/",
        new StringContent(body, MediaTypeHeaderValue.Parse("application/x-amz-json-1.1")), [("X-Amz-Target", "AWSCognitoIdentityProviderService." + target), .. headers]);

    async Task<Answer> Browse(string path, (string Name, string? Value)[] changes)
    {
        (string Name, string? Value)[] good =
        [
            ("response_type", "code"), ("client_id", Web), ("redirect_uri", Realm.Callback), ("scope", "openid"), ("state", State),
            ("code_challenge", Realm.Challenge), ("code_challenge_method", "S256"),
        ];
        var query = good.Where(pair => !changes.Any(change => change.Name == pair.Name)).Concat(changes).Where(pair => pair.Value is not null);
        return await Get(path + "?" + string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}")));
    }

    async Task<Answer> Send(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Realm.Server.Url + path) { Content = content };
        foreach (var (name, value) in headers)
            if (name == "Host") request.Headers.Host = value;
            else request.Headers.TryAddWithoutValidation(name, value);
        return await Answer.Of(await Realm.Server.Http.SendAsync(request));
    }
}
