namespace Poolhouse.Load.Peers;

/// Poolhouse in dev mode on SQLite: InitiateAuth with a password, then the refresh grant at the token endpoint.
sealed class PoolhousePeer(Paths paths) : Peer
{
    const string Pool = "us-east-1_Bench0001";

    string Client => Rotates ? "benchrotating" : "benchsteady";

    protected override string ReadyPath => "readyz";
    public override string FirstPath => $"{Pool}/.well-known/jwks.json";

    protected override Command CommandOn(int port, string data)
    {
        var seed = Path.Combine(data, "seed.json");
        using (var stream = typeof(PoolhousePeer).Assembly.GetManifestResourceStream("poolhouse-seed.json")!)
        using (var file = File.Create(seed)) stream.CopyTo(file);
        return new(data, [.. paths.Poolhouse, "dev", "--port", $"{port}", "--data", Path.Combine(data, "data"), "--seed", seed]);
    }

    public override async Task<string> SignIn(HttpClient http)
    {
        var reply = await Ask(http, Call("InitiateAuth", new
        {
            ClientId = Client,
            AuthFlow = "USER_PASSWORD_AUTH",
            AuthParameters = new { USERNAME = "bench", PASSWORD = "Bench-password-1" },
        }));
        return reply.GetProperty("AuthenticationResult").GetProperty("RefreshToken").GetString()!;
    }

    public override HttpRequestMessage Refresh(string refreshToken) =>
        Form("oauth2/token", ("grant_type", "refresh_token"), ("client_id", Client), ("refresh_token", refreshToken));
}
