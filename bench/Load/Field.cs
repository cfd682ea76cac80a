using Poolhouse.Load.Peers;
using Poolhouse.Load.Scaling;

namespace Poolhouse.Load;

/// Who takes part. Requests per round are chosen so that a round of each lasts a few seconds.
static class Field
{
    public const string Steady = "Poolhouse, rotation off";
    public const string Rotating = "Poolhouse, rotation on";
    public const string SteadyOnPostgres = "Poolhouse on PostgreSQL, rotation off";
    public const string RotatingOnPostgres = "Poolhouse on PostgreSQL, rotation on";
    public const string OidcProvider = "oidc-provider, in memory";
    public const string CognitoLocal = "cognito-local";
    public const string OpenIddict = "OpenIddict, EF Core on SQLite";
    public const string OpenIddictRolling = "OpenIddict, EF Core on SQLite, rotation on";

    public static Peer[] All(Paths paths) =>
    [
        Poolhouse(paths, rotates: false),
        Poolhouse(paths, rotates: true),
        new OidcProviderPeer(paths) { Name = OidcProvider, Requests = 2000 },
        Cognito(paths),
        new OpenIddictPeer(paths) { Name = OpenIddict, Requests = 400, WarmUp = 2500 },
        new OpenIddictPeer(paths) { Name = OpenIddictRolling, Requests = 400, WarmUp = 2500, Rotates = true },
    ];

    public static PoolhousePeer Poolhouse(Paths paths, bool rotates, params (string Name, string Value)[] variables) =>
        new(paths) { Name = rotates ? Rotating : Steady, Requests = 3000, Rotates = rotates, Variables = variables };

    public static PoolhousePeer OnPostgres(Paths paths, PostgresStore store, bool rotates) =>
        new(paths) { Name = rotates ? RotatingOnPostgres : SteadyOnPostgres, Requests = 2000, Rotates = rotates, Variables = store.Variables, Database = store.Connection };

    public static Peer Cognito(Paths paths) => new CognitoLocalPeer(paths) { Name = CognitoLocal, Requests = 500, WarmUp = 1500 };
}
