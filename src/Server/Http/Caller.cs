using Poolhouse.Core.Keys;

namespace Poolhouse.Server.Http;

/// <summary>Who signed a call of the JSON API, and the region in whose name.</summary>
/// <param name="KeyId">The access key.</param>
/// <param name="Region">The region of the credential scope; it names new pools.</param>
/// <param name="Policy">What the key may do.</param>
public sealed record Caller(string KeyId, string Region, AccessPolicy Policy)
{
    /// <summary>The server itself, running a seed file.</summary>
    public static Caller Seed(string region) => new("seed", region, AccessPolicy.Everything);
}
