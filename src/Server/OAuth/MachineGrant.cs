using System.Text.Json;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.OAuth;

/// <summary>The client_credentials grant (RFC 6749 §4.4): custom scopes for a confidential client, no user, no refresh token.</summary>
sealed class MachineGrant(
    Database database, ClientStore clients, ResourceServerStore resourceServers, SigningKeyStore keys, PoolTriggers triggers, ServerOptions server, Audit audit)
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
        var scopes = string.Join(' ', asked ?? allowed);
        var overrides = await triggers.PreTokenGeneration(
            TriggerSubject.Machine(pool, client.Id), TokenSource.ClientCredentials, groups: null, scopes, Metadata(form["aws_client_metadata"]), cancel);
        // While a function was asked, the client may have been deleted.
        if (PoolTriggers.ChangesTokens(pool) && await clients.Find(client.Id, cancel) is null) throw OAuthException.InvalidClient();
        audit.MachineToken(client);
        return TokenMinter.MintMachine(server.IssuerOf(pool), await keys.Signing(pool.Id), client, scopes, overrides, database.Now);
    }

    static IReadOnlyDictionary<string, string>? Metadata(string? json)
    {
        if (json is null) return null;
        try
        {
            return JsonSerializer.Deserialize(json, OAuthJson.Default.DictionaryStringString);
        }
        catch (JsonException)
        {
            throw OAuthException.InvalidRequest("The parameter aws_client_metadata is not a JSON object of texts.");
        }
    }

    static bool IsReserved(AppClient client, string scope) =>
        ResourceServer.ReservedScopes.Contains(scope) && client.AllowedScopes.Contains(scope, StringComparer.Ordinal);
}
