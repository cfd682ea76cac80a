using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>A signed event and the name by which it is acknowledged.</summary>
sealed record SignedSet(string Jti, string Token);

/// <summary>Makes the tokens of a stream at the moment when they are delivered; none is ever stored.</summary>
sealed class SetWriter(PoolStore pools, SigningKeyStore keys, ServerOptions server, SsfUrls urls)
{
    /// <summary>What the tokens of a stream have in common; null when its pool is gone.</summary>
    /// <remarks>
    /// The key is that of ID tokens: what it signs can be no access token, whatever it says. RS256, which the CAEP interoperability
    /// profile §2.6 asks for.
    /// </remarks>
    public async Task<SecurityEventStream?> Open(SsfStream stream, CancellationToken cancel) =>
        await pools.Find(stream.PoolId, cancel) is not { } pool ? null
            : new(stream.Id, server.IssuerOf(pool), urls.Audience(stream), (await keys.Signing(pool.Id)).Id);

    public static SignedSet Write(SecurityEventStream to, SsfStream stream, RevokedEntry entry)
    {
        var jti = SetId.Of(stream, entry.Seq, entry.Kind, entry.Value);
        return new(jti, SecurityEventMinter.SessionRevoked(to, entry, jti, SetId.Transaction(stream.PoolId, entry.Seq, entry.Kind, entry.Value)));
    }

    public static SignedSet Write(SecurityEventStream to, SsfVerification asked) =>
        new(asked.Id, SecurityEventMinter.Verification(to, asked.Id, asked.State, asked.CreatedAt));

    public static SignedSet Paused(SecurityEventStream to, string reason, long now)
    {
        var jti = Ids.Uuid();
        return new(jti, SecurityEventMinter.StreamUpdated(to, jti, StatusEndpoint.Name(SsfStatus.Paused), reason, now));
    }
}
