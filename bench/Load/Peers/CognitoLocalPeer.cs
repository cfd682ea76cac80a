namespace Poolhouse.Load.Peers;

/// cognito-local as npm ships it: set up and signed in through the AWS JSON API, then the refresh grant at its token endpoint.
sealed class CognitoLocalPeer(Paths paths) : Peer
{
    // Its pools take e-mail addresses as names unless a configuration file says otherwise.
    const string User = "bench@example.com";

    string _client = "";

    protected override string ReadyPath => "health";

    protected override Command CommandOn(int port, string data) => new(data,
        ["node", Path.Combine(paths.Bench, "peers/node_modules/cognito-local/lib/bin/start.js")], ("PORT", $"{port}"), ("HOST", "127.0.0.1"));

    public override async Task Prepare(HttpClient http)
    {
        var pool = (await Ask(http, Call("CreateUserPool", new { PoolName = "bench" }))).GetProperty("UserPool").GetProperty("Id").GetString();
        var client = await Ask(http, Call("CreateUserPoolClient", new { UserPoolId = pool, ClientName = "bench" }));
        _client = client.GetProperty("UserPoolClient").GetProperty("ClientId").GetString()!;
        await Ask(http, Call("AdminCreateUser", new
        {
            UserPoolId = pool,
            Username = User,
            MessageAction = "SUPPRESS",
            UserAttributes = new[] { new { Name = "email", Value = User }, new { Name = "email_verified", Value = "true" } },
        }));
        await Ask(http, Call("AdminSetUserPassword",
            new { UserPoolId = pool, Username = User, Password = "Bench-password-1", Permanent = true }));
    }

    public override async Task<string> SignIn(HttpClient http)
    {
        var reply = await Ask(http, Call("InitiateAuth", new
        {
            ClientId = _client,
            AuthFlow = "USER_PASSWORD_AUTH",
            AuthParameters = new { USERNAME = User, PASSWORD = "Bench-password-1" },
        }));
        return reply.GetProperty("AuthenticationResult").GetProperty("RefreshToken").GetString()!;
    }

    public override HttpRequestMessage Refresh(string refreshToken) =>
        Form("oauth2/token", ("grant_type", "refresh_token"), ("client_id", _client), ("refresh_token", refreshToken));
}
