using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core;
using Poolhouse.Core.Clients;

namespace Poolhouse.Server.SignIn;

/// <summary>How an app client proves itself: SECRET_HASH in the JSON API, the secret itself elsewhere. Either of two live secrets will do.</summary>
public static class ClientProof
{
    /// <summary>
    /// Checks SECRET_HASH = base64(HMAC-SHA256(secret, username ‖ client id)). Several names can be right: an alias hashes
    /// as it was typed, and in a pool that signs in by e-mail the sub does too.
    /// </summary>
    public static void CheckSecretHash(AppClient client, string? secretHash, params ReadOnlySpan<string> usernames)
    {
        if (!client.IsConfidential && secretHash is null) return;
        if (secretHash is null) throw new RefusedException(Refusal.SecretHashMissing, client.Id);
        var matches = false;
        foreach (var secret in client.Secrets)
            foreach (var username in usernames)
                matches |= new Secret(SecretHash(secret, username, client.Id)).Matches(secretHash);
        if (!matches) throw new RefusedException(Refusal.SecretHashWrong, client.Id);
    }

    /// <summary>Whether a secret is the client's; a public client has none and must send none.</summary>
    public static bool IsProven(AppClient client, string? secret)
    {
        if (!client.IsConfidential) return secret is null;
        var matches = false;
        foreach (var live in client.Secrets) matches |= live.Matches(secret);
        return matches;
    }

    static string SecretHash(Secret secret, string username, string clientId) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), Encoding.UTF8.GetBytes(username + clientId)));
}
