using System.Text.Json.Nodes;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A pool of a real server with one client, and ana in it, who signs in as often as she is asked to.</summary>
sealed class RealPool(RealServer server, string id)
{
    const string Password = "Passw0rd-1";

    public string Id { get; } = id;

    public string Client { get; private set; } = "";

    public string Issuer => $"{server.Url}/{Id}";

    /// <summary>Makes another client the one that is used from now on.</summary>
    public async Task NewClient(bool rotating = false)
    {
        var rotation = rotating ? """ "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}, """ : "";
        Client = (string)(await server.Call("CreateUserPoolClient", $$"""
            {"UserPoolId": "{{Id}}", "ClientName": "web", {{rotation}} "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
            """))["UserPoolClient"]!["ClientId"]!;
    }

    /// <summary>Signs in.</summary>
    public async Task<(string Access, string Refresh)> SignIn()
    {
        var result = (await server.Call("InitiateAuth", $$"""
            {"AuthParameters": {"USERNAME": "ana", "PASSWORD": "{{Password}}"}, "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "{{Client}}"}
            """))["AuthenticationResult"]!;
        return ((string)result["AccessToken"]!, (string)result["RefreshToken"]!);
    }

    public Task Revoke(string refresh) => server.Call("RevokeToken", $$"""{"Token": "{{refresh}}", "ClientId": "{{Client}}"}""");

    public Task GlobalSignOut(string access) => server.Call("GlobalSignOut", $$"""{"AccessToken": "{{access}}"}""");

    /// <summary>An administrator's operation about ana.</summary>
    public Task About(string operation) => server.Call(operation, $$"""{"UserPoolId": "{{Id}}", "Username": "ana"}""");

    public Task DeleteClient() => server.Call("DeleteUserPoolClient", $$"""{"UserPoolId": "{{Id}}", "ClientId": "{{Client}}"}""");

    public Task DeletePool() => server.Call("DeleteUserPool", $$"""{"UserPoolId": "{{Id}}"}""");

    /// <summary>Presents a refresh token that was spent before, as a thief does.</summary>
    public async Task Reuse(string refresh)
    {
        await Refresh(refresh);
        await MustBeRefused(() => Refresh(refresh));
    }

    Task<JsonObject> Refresh(string refresh) => server.Call("GetTokensFromRefreshToken", $$"""{"RefreshToken": "{{refresh}}", "ClientId": "{{Client}}"}""");

    static async Task MustBeRefused(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("RefreshTokenReuse", StringComparison.Ordinal))
        {
            return;
        }
        throw new InvalidOperationException("A spent refresh token was taken.");
    }
}
