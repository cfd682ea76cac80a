using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.OAuth;

/// <summary>The client_credentials grant (RFC 6749 §4.4): custom scopes for a confidential client, no user, no refresh token.</summary>
sealed class MachineGrant(Database database, ResourceServerStore resourceServers, SigningKeyStore keys, ServerOptions server)
{
    public async Task<TokenSet> Issue(UserPool pool, AppClient client, OAuthForm form, CancellationToken cancel)
    {
        if (!client.IsConfidential || !client.AllowsGrant("client_credentials")) throw OAuthException.UnauthorizedClient();
        var existing = await resourceServers.Scopes(pool.Id, cancel);
        var allowed = client.AllowedScopes.Where(existing.Contains).ToList();
        var asked = form["scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        // The server's own scopes exist in every pool and are granted to who asks for them by name, never by default.
        if (asked is not null && !asked.TrueForAll(scope => allowed.Contains(scope) || IsReserved(client, scope))) throw new OAuthException("invalid_scope");
        if ((asked ?? allowed).Count == 0) throw new OAuthException("invalid_scope", "The client has no custom scope.");
        return TokenMinter.MintMachine(server.IssuerOf(pool), await keys.Of(pool.Id), client, string.Join(' ', asked ?? allowed), database.Now);
    }

    static bool IsReserved(AppClient client, string scope) =>
        ResourceServer.ReservedScopes.Contains(scope) && client.AllowedScopes.Contains(scope, StringComparer.Ordinal);
}
