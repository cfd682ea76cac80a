using System.Text.Json;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// An app that signs one user in by sending the password.
static class PasswordApp
{
    public static async Task<JsonElement> SignIn(PoolhousePeer peer, HttpClient http, string client, string username, string password) =>
        await peer.Ask(http, peer.Call("InitiateAuth", new
        {
            ClientId = client, AuthFlow = "USER_PASSWORD_AUTH", AuthParameters = new { USERNAME = username, PASSWORD = password },
        }));

    public static void MustBeTokens(JsonElement reply) =>
        Peers.Tokens.From(reply.GetProperty("AuthenticationResult"), "AccessToken", "IdToken", "RefreshToken");
}
