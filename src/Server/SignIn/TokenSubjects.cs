using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Gathers what tokens are made of: the user's groups and the pool's keys, read anew for every minting.</summary>
public sealed class TokenSubjects(GroupStore groups, SigningKeyStore keys, ServerOptions server)
{
    /// <summary>Everything that the tokens of a session are made of.</summary>
    public async Task<TokenSubject> Of(UserPool pool, AppClient client, User user, Session session, string? nonce, CancellationToken cancel) =>
        new(server.IssuerOf(pool), await keys.Of(pool.Id), client, user, await groups.Memberships(pool.Id, user.Sub, cancel), session, nonce);
}
