using StackExchange.Redis;

namespace Poolhouse.Bff.Redis;

/// <summary>Sessions of the Bff in Redis.</summary>
public static class BffRedisExtensions
{
    /// <summary>
    /// Keeps sessions in Redis 6 or newer, one instance or a cluster. Reads and writes go to the primary. A Redis that may forget what it has acknowledged (no
    /// append-only file, a failover without <c>WAIT</c>) may forget the newest refresh token and so sign somebody out; <c>appendonly yes</c> is advised.
    /// </summary>
    /// <param name="options">The options of the Bff.</param>
    /// <param name="redis">The connection; not disposed by the Bff.</param>
    /// <param name="prefix">What all keys begin with: 1 to 50 characters. Default: <c>bff:</c>.</param>
    /// <exception cref="ArgumentException">The prefix is not as said.</exception>
    public static void UseRedis(this BffOptions options, IConnectionMultiplexer redis, string prefix = "bff:")
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(redis);
        if (prefix is not { Length: >= 1 and <= 50 }) throw new ArgumentException("A prefix is 1 to 50 characters.", nameof(prefix));
        options.UseStore(_ => new RedisSessionStore(redis, prefix, TimeProvider.System));
    }
}
