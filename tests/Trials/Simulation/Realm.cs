using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Trials.Simulation;

/// <summary>What all processes are configured with: one pool, one client that rotates, its users, the keys. Keys are made once for all worlds, since they take the longest.</summary>
sealed record Realm(UserPool Pool, AppClient Client, IReadOnlyList<User> Users, MasterKey Master, ServerOptions Server)
{
    public const int GraceSeconds = 10;
    public static readonly TimeSpan AccessLife = TimeSpan.FromMinutes(10);

    static readonly Dictionary<KeyUse, SigningKey> Made = [];

    public string Issuer => Server.IssuerOf(Pool);

    public static SigningKey Key(KeyUse use)
    {
        lock (Made) return Made.TryGetValue(use, out var key) ? key : Made[use] = SigningKey.Create(use);
    }

    public static Realm Make(long now)
    {
        const string id = "us-east-1_Simulated";
        var pool = new UserPool(id, "simulated", "us-east-1", new PoolDefinition(), [], now, now);
        var client = new AppClient("1simulated0000000000000000", id, "app", new ClientSettings
        {
            AccessTokenValidity = (int)AccessLife.TotalMinutes, TokenValidityUnits = new(AccessToken: "minutes"), AllowedOAuthFlowsUserPoolClient = true,
            RefreshTokenRotation = new("ENABLED", GraceSeconds),
        }, [], now, now);
        var users = Enumerable.Range(1, 6).Select(number => new User(
            id, $"00000000-0000-4000-8000-{number:D12}", $"user{number}", UserStatus.Confirmed, true, new Dictionary<string, string>(), null, null, now, now)).ToArray();
        return new(pool, client, users, MasterKey.Create(), new(PublicUrl: "http://localhost:9229"));
    }
}
