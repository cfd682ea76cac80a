using System.Globalization;
using StackExchange.Redis;

namespace Poolhouse.Bff.Redis;

/// <summary>
/// Sessions in Redis: a hash for each, and a set of ids for each user and each session at the provider. Compare-and-set is a script over one key, so it holds in a
/// cluster too; the sets are only hints, written before what they point to, and whoever reads them looks at the sessions themselves.
/// </summary>
sealed class RedisSessionStore(IConnectionMultiplexer redis, string prefix, TimeProvider time) : IBffSessionStore
{
    const string Add = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('HSET', KEYS[1], 'v', ARGV[1], 'p', ARGV[2], 'u', ARGV[3], 's', ARGV[4], 'f', ARGV[5])
        redis.call('PEXPIRE', KEYS[1], ARGV[6])
        return 1
        """;

    const string Replace = """
        local v = redis.call('HGET', KEYS[1], 'v')
        if not v or tonumber(v) ~= tonumber(ARGV[1]) - 1 then return 0 end
        redis.call('HSET', KEYS[1], 'v', ARGV[1], 'p', ARGV[2], 'u', ARGV[3], 's', ARGV[4], 'f', ARGV[5])
        redis.call('PEXPIRE', KEYS[1], ARGV[6])
        return 1
        """;

    // A set lives as long as the longest of its sessions.
    const string Index = """
        redis.call('SADD', KEYS[1], ARGV[1])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        """;

    static readonly RedisValue[] Fields = ["v", "p", "u", "s", "f"];

    IDatabase Database => redis.GetDatabase();

    public async ValueTask<bool> TryAddAsync(BffSessionRecord record, CancellationToken cancel) => await Write(Add, record);

    public async ValueTask<bool> TryReplaceAsync(BffSessionRecord record, CancellationToken cancel) => await Write(Replace, record);

    public async ValueTask<BffSessionRecord?> FindAsync(string id, CancellationToken cancel)
    {
        // From the primary: a replica that lags behind would show a refresh token that was used already.
        var values = await Database.HashGetAsync(Key(id), Fields, CommandFlags.DemandMaster).WaitAsync(cancel);
        return values[0].IsNull ? null : new(id, (long)values[0], Text(values[2]), Text(values[3]), values[1]!, (long)values[4]);
    }

    public async ValueTask<IReadOnlyList<BffSessionRecord>> FindByUserAsync(string userKey, CancellationToken cancel) =>
        [.. (await Members(UserSet(userKey), cancel)).Where(record => record.UserKey == userKey)];

    public async ValueTask<IReadOnlyList<BffSessionRecord>> FindByProviderSessionAsync(string providerSessionKey, CancellationToken cancel) =>
        [.. (await Members(ProviderSet(providerSessionKey), cancel)).Where(record => record.ProviderSessionKey == providerSessionKey)];

    // Redis forgets by itself.
    public ValueTask RemoveForgottenAsync(long now, CancellationToken cancel) => default;

    // A write is not cancelled: whoever hangs up must not leave it in doubt.
    async Task<bool> Write(string script, BffSessionRecord record)
    {
        var lives = Math.Max(1, record.ForgetAt - time.GetUtcNow().ToUnixTimeMilliseconds());
        if (record.UserKey is { } user) await Database.ScriptEvaluateAsync(Index, [UserSet(user)], [record.Id, lives]);
        if (record.ProviderSessionKey is { } session) await Database.ScriptEvaluateAsync(Index, [ProviderSet(session)], [record.Id, lives]);
        var written = await Database.ScriptEvaluateAsync(script, [Key(record.Id)],
            [record.Version.ToString(CultureInfo.InvariantCulture), record.Payload, record.UserKey ?? "", record.ProviderSessionKey ?? "", record.ForgetAt, lives]);
        return (long)written == 1;
    }

    async Task<List<BffSessionRecord>> Members(RedisKey set, CancellationToken cancel)
    {
        var found = new List<BffSessionRecord>();
        foreach (var id in await Database.SetMembersAsync(set, CommandFlags.DemandMaster).WaitAsync(cancel))
        {
            if (await FindAsync(id.ToString(), cancel) is { } record) found.Add(record);
            else await Database.SetRemoveAsync(set, id);
        }
        return found;
    }

    RedisKey Key(string id) => prefix + "session:" + id;

    RedisKey UserSet(string key) => prefix + "user:" + key;

    RedisKey ProviderSet(string key) => prefix + "provider:" + key;

    static string? Text(RedisValue value) => value.IsNullOrEmpty ? null : value.ToString();
}
