using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>Every host setting: one record per room, bound once at start. A key that no record knows is an error, not a silence.</summary>
public sealed record Settings(ServerOptions Server, StorageOptions Storage, SignInOptions SignIn)
{
    /// <summary>What stands before the names of environment variables: POOLHOUSE_Storage__DataDirectory.</summary>
    public const string Prefix = "POOLHOUSE_";

    /// <summary>Reads them; what is not configured has the default of its declaration.</summary>
    public static Settings Bind(IConfiguration configuration) => new(
        configuration.GetSection("Server").Get<ServerOptions>(Strictly) ?? new(),
        configuration.GetSection("Storage").Get<StorageOptions>(Strictly) ?? new(),
        configuration.GetSection("SignIn").Get<SignInOptions>(Strictly) ?? new());

    static void Strictly(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;
}
