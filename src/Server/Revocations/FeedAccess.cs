using Poolhouse.Core;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;
using Poolhouse.Tokens;

namespace Poolhouse.Server.Revocations;

/// <summary>Whether the feed is open to everybody; only `poolhouse dev` sets it.</summary>
public sealed record FeedAccessOptions(bool Open = false);

/// <summary>Who reads the feed, and until when.</summary>
/// <param name="Client">The client, or null where the feed is open.</param>
/// <param name="EndsAt">When its token ends, unix ms.</param>
sealed record FeedReader(string? Client, long EndsAt);

/// <summary>Who may read the feed of a pool: a machine of that pool whose token has the scope for it.</summary>
sealed class FeedAccess(FeedAccessOptions options, PoolStore pools, AccessTokenCheck check)
{
    /// <summary>The scope; it exists in every pool (see <see cref="Core.Pools.ResourceServer.ReservedScopes"/>).</summary>
    public const string Scope = "poolhouse/revocations.read";

    public async Task<FeedReader> Check(HttpRequest request, string poolId, CancellationToken cancel)
    {
        if (options.Open) return await pools.Find(poolId, cancel) is null ? throw FeedException.NotFound(poolId) : new(null, long.MaxValue);
        return await CheckToken(request, poolId, cancel);
    }

    /// <summary>As <see cref="Check"/> for what belongs to somebody: who shows a token is who it says, even where the feed is open to those who show none.</summary>
    public Task<FeedReader> CheckOwner(HttpRequest request, string poolId, CancellationToken cancel) =>
        options.Open && request.Headers.Authorization.Count > 0 ? CheckToken(request, poolId, cancel) : Check(request, poolId, cancel);

    async Task<FeedReader> CheckToken(HttpRequest request, string poolId, CancellationToken cancel)
    {
        if (request.Headers.Authorization is not [{ } header] || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            throw new FeedException(401, "missing_token", $"The revocation feed needs an access token with the scope {Scope}.");
        try
        {
            var token = await check.Check(header["Bearer ".Length..].Trim(), "access", cancel);
            // Another pool's token learns nothing of this one, not even whether it exists.
            if (token.Pool.Id != poolId) throw new FeedException(401, "invalid_token", "The access token is not of this pool.");
            if (token.Session is not null || !token.Has(Scope)) throw new FeedException(403, "insufficient_scope", $"The scope {Scope} is needed.");
            return new(token.Client.Id, token.Claims.Number(ClaimNames.Expires)!.Value * 1000);
        }
        catch (RefusedException)
        {
            throw new FeedException(401, "invalid_token", "The access token is not valid here.");
        }
    }
}
