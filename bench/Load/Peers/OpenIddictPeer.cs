namespace Poolhouse.Load.Peers;

/// OpenIddict with EF Core on SQLite and token storage: the password grant, then the refresh grant.
sealed class OpenIddictPeer(Paths paths) : Peer
{
    protected override string ReadyPath => "ready";

    protected override Command CommandOn(int port, string data) => new(data,
        ["dotnet", paths.Built("OpenIddictPeer", "Poolhouse.OpenIddictPeer.dll"), $"{port}", Path.Combine(data, "peer.db"), Rotates ? "rolling" : "fixed"]);

    public override async Task<string> SignIn(HttpClient http)
    {
        var reply = await Ask(http, Form("token", ("grant_type", "password"), ("client_id", "bench"),
            ("username", "bench"), ("password", "Bench-password-1"), ("scope", "openid offline_access")));
        return reply.GetProperty("refresh_token").GetString()!;
    }

    public override HttpRequestMessage Refresh(string refreshToken) =>
        Form("token", ("grant_type", "refresh_token"), ("client_id", "bench"), ("refresh_token", refreshToken));
}
