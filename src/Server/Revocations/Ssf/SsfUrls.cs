using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>The names of things in this room. All come from configuration, never from the Host header.</summary>
sealed class SsfUrls(ServerOptions server)
{
    public const string Push = "urn:ietf:rfc:8935";
    public const string Poll = "urn:ietf:rfc:8936";

    /// <summary>The event types that streams carry. Verification events come to who asks for them.</summary>
    public static readonly string[] Events = [SecurityEventMinter.SessionRevokedType];

    public string Keys(string poolId) => $"{server.Root}/{poolId}/.well-known/jwks.json";

    public string Endpoint(string poolId, string name) => $"{server.Root}/{poolId}/ssf/{name}";

    /// <summary>Where a stream's events are polled.</summary>
    public string PollOf(string poolId, string streamId) => Endpoint(poolId, $"poll/{streamId}");

    /// <summary>The audience of a receiver's tokens: the same for all its streams, and nothing that is the audience of another kind of token.</summary>
    public string Audience(SsfStream stream) => Endpoint(stream.PoolId, $"receivers/{(stream.ClientId.Length > 0 ? stream.ClientId : "anybody")}");
}
