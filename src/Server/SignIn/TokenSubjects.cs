using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>What tokens are asked for.</summary>
/// <param name="Source">The occasion.</param>
/// <param name="Nonce">The authorization request's nonce, or null.</param>
/// <param name="Metadata">The ClientMetadata of the call, where the pool's function may see it; or null.</param>
public sealed record TokenOccasion(TokenSource Source, string? Nonce = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>
/// Gathers what tokens are made of: the user's groups and the pool's keys, read anew for every minting, and what the pool's function
/// says to them. That function is somebody else's server: whoever mints looks again, or writes under a condition, afterwards.
/// </summary>
public sealed class TokenSubjects(GroupStore groups, SigningKeyStore keys, PoolTriggers triggers, ServerOptions server)
{
    /// <summary>Everything that the tokens of a session are made of.</summary>
    public async Task<TokenSubject> Of(UserPool pool, AppClient client, User user, Session session, TokenOccasion occasion, CancellationToken cancel)
    {
        var own = GroupClaims.Of(user.MayHaveGroups ? await groups.Memberships(pool.Id, user.Sub, cancel) : []);
        var overrides = PoolTriggers.ChangesTokens(pool)
            ? await triggers.PreTokenGeneration(TriggerSubject.Of(pool, client.Id, user), occasion.Source, own, session.Scopes, occasion.Metadata, cancel) : null;
        return new(server.IssuerOf(pool), await keys.Signing(pool.Id), client, user, overrides?.Groups ?? own, session, occasion.Nonce, overrides);
    }
}
