using System.Text;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.OAuth;

/// <summary>A client that has proven who it is, with its pool.</summary>
sealed record ProvenClient(UserPool Pool, AppClient Client)
{
    /// <summary>Refuses a grant that the client may not use. Refreshing is open to every client that holds a session of its own.</summary>
    public void MustAllow(string grant)
    {
        if (!Client.AllowsGrant(grant)) throw OAuthException.UnauthorizedClient();
    }
}

/// <summary>Client authentication (RFC 6749 §2.3): client_secret_basic or client_secret_post, one of them; public clients name themselves.</summary>
sealed class ClientAuthentication(PoolStore pools, ClientStore clients, PoolHosts hosts)
{
    // An unknown client costs the comparison that a known one does.
    static readonly Secret Nobody = new(Ids.ClientSecret());

    public async Task<ProvenClient> Authenticate(HttpRequest request, OAuthForm form, CancellationToken cancel)
    {
        var (clientId, secret) = Credentials(request, form);
        var client = await clients.Find(clientId, cancel);
        var bound = await hosts.PoolOf(request, cancel);
        if (client is null || (bound is not null && client.PoolId != bound))
        {
            Nobody.Matches(secret ?? "");
            throw OAuthException.InvalidClient();
        }
        if (!ClientProof.IsProven(client, secret)) throw OAuthException.InvalidClient();
        return new(await pools.Find(client.PoolId, cancel) ?? throw OAuthException.InvalidClient(), client);
    }

    static (string ClientId, string? Secret) Credentials(HttpRequest request, OAuthForm form)
    {
        var (inBody, secretInBody) = (form["client_id"], form["client_secret"]);
        if (request.Headers.Authorization is not [{ } header]) return (inBody ?? throw OAuthException.InvalidRequest("The parameter client_id is missing."), secretInBody);
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) throw OAuthException.InvalidRequest("The Authorization header must be Basic.");
        if (secretInBody is not null) throw OAuthException.InvalidRequest("A client authenticates by one method, not two.");

        var decoded = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), decoded, out var length))
            throw OAuthException.InvalidRequest("The Authorization header is not base64.");
        var text = Encoding.UTF8.GetString(decoded, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw OAuthException.InvalidRequest("The Authorization header has no colon.");
        var clientId = text[..colon];
        if (inBody is not null && inBody != clientId) throw OAuthException.InvalidRequest("The client_id of the body is not that of the header.");
        return (clientId, text[(colon + 1)..]);
    }
}
