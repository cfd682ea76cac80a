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

    protected override string ReadyPath => "readyz";
    public override string FirstPath => $"{Pool}/.well-known/jwks.json";

    protected override Command CommandOn(int port, string data)
    {
        var seed = Path.Combine(data, "seed.json");
        using (var stream = typeof(PoolhousePeer).Assembly.GetManifestResourceStream("poolhouse-seed.json")!)
        using (var file = File.Create(seed)) stream.CopyTo(file);
        return new(data, [.. paths.Poolhouse, "dev", "--port", $"{port}", "--data", Path.Combine(data, "data"), "--seed", seed], Variables);
    }

    public override async Task<string> SignIn(HttpClient http)
    {
        var reply = await Ask(http, Call("InitiateAuth", new
        {
            ClientId,
            AuthFlow = "USER_PASSWORD_AUTH",
            AuthParameters = new { USERNAME = "bench", PASSWORD = "Bench-password-1" },
        }));
        return reply.GetProperty("AuthenticationResult").GetProperty("RefreshToken").GetString()!;
    }

    public override HttpRequestMessage Refresh(string refreshToken) =>
        Form("oauth2/token", ("grant_type", "refresh_token"), ("client_id", ClientId), ("refresh_token", refreshToken));

    public HttpRequestMessage Revoke(string refreshToken) => Form("oauth2/revoke", ("client_id", ClientId), ("token", refreshToken));
}
