namespace Poolhouse.Load.Peers;

/// Poolhouse in dev mode, on SQLite unless its variables say otherwise: InitiateAuth with a password, then the refresh grant at the token endpoint.
sealed class PoolhousePeer(Paths paths) : Peer
{
    public const string Pool = "us-east-1_Bench0001";

    public string ClientId => Rotates ? "benchrotating" : "benchsteady";

    /// The pool's address on this node, and the issuer of the tokens that it makes.
    public string Issuer => new Uri(Url, Pool).AbsoluteUri;

    /// Settings of the server in its environment.
    public (string Name, string Value)[] Variables { get; init; } = [];

    /// The connection string of its PostgreSQL; null on SQLite.
    public string? Database { get; init; }

    protected override string ReadyPath => "readyz";
    public override string FirstPath => $"{Pool}/.well-known/jwks.json";

    protected override Command CommandOn(int port, string data)
    {
        var seed = Path.Combine(data, "seed.json");
        using (var stream = typeof(PoolhousePeer).Assembly.GetManifestResourceStream("poolhouse-seed.json")!)
        using (var file = File.Create(seed)) stream.CopyTo(file);
        return new(data, [.. paths.Poolhouse, "dev", "--port", $"{port}", "--data", Path.Combine(data, "data"), "--seed", seed], Variables);
    }

    public override Task<string> SignIn(HttpClient http) => SignIn(http, "bench");

    public async Task<string> SignIn(HttpClient http, string username)
    {
        var reply = await Ask(http, Call("InitiateAuth", new
        {
            ClientId,
            AuthFlow = "USER_PASSWORD_AUTH",
            AuthParameters = new { USERNAME = username, PASSWORD = "Bench-password-1" },
        }));
        return reply.GetProperty("AuthenticationResult").GetProperty("RefreshToken").GetString()!;
    }

    public override HttpRequestMessage Refresh(string refreshToken) =>
        Form("oauth2/token", ("grant_type", "refresh_token"), ("client_id", ClientId), ("refresh_token", refreshToken));

    /// An administrator's call; `dev` takes any signature that has the form of one.
    public HttpRequestMessage Administer(string operation, object body)
    {
        const string time = "20261126T090000Z";
        var request = Call(operation, body);
        request.Headers.Add("X-Amz-Date", time);
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIABENCH/{time[..8]}/us-east-1/cognito-idp/aws4_request, "
            + $"SignedHeaders=host;x-amz-date, Signature={new string('0', 64)}");
        return request;
    }

    public HttpRequestMessage Revoke(string refreshToken) => Form("oauth2/revoke", ("client_id", ClientId), ("token", refreshToken));
}
