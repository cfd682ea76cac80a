namespace Poolhouse.Core.Clients;

/// <summary>An app client: what may sign users of one pool in, how, and for how long.</summary>
/// <param name="Id">26 lower-case letters and digits.</param>
/// <param name="PoolId">Its pool.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Settings">Its settings as they were given; read them through the properties, which know the defaults.</param>
/// <param name="Secrets">Its live secrets, oldest first; none for a public client.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
/// <param name="ModifiedAt">Unix milliseconds.</param>
public sealed record AppClient(string Id, string PoolId, string Name, ClientSettings Settings, IReadOnlyList<Secret> Secrets,
    long CreatedAt, long ModifiedAt)
{
    /// <summary>The flows of a client whose creator listed none.</summary>
    static readonly string[] UnsetFlows = ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];

    public bool IsConfidential => Secrets.Count > 0;

    public TimeSpan AccessTokenLifetime => Settings.AccessTokenLifetime();

    public TimeSpan IdTokenLifetime => Settings.IdTokenLifetime();

    /// <summary>The life of a session, from its birth; 0 and unset are 30 days.</summary>
    public TimeSpan RefreshTokenLifetime => Settings.RefreshTokenLifetime();

    /// <summary>How long a challenge waits for its answer.</summary>
    public TimeSpan AuthSessionLifetime => TimeSpan.FromMinutes(Settings.AuthSessionValidity ?? 3);

    public bool RotatesRefreshTokens => Settings.RefreshTokenRotation?.Feature == "ENABLED";

    /// <summary>How long the direct predecessor of a rotated token is answered with the same successor; an explicit 0 is obeyed.</summary>
    public TimeSpan RetryGrace => TimeSpan.FromSeconds(Settings.RefreshTokenRotation?.RetryGracePeriodSeconds ?? 10);

    public bool RevocationEnabled => Settings.EnableTokenRevocation ?? true;

    /// <summary>What the client says; null is LEGACY unless the server flips that.</summary>
    public bool? PreventsUserExistenceErrors => Settings.PreventUserExistenceErrors is { } setting ? setting == "ENABLED" : null;

    public IReadOnlyList<string> AllowedScopes => Settings.AllowedOAuthScopes ?? [];

    public IReadOnlyList<string> CallbackUrls => Settings.CallbackURLs ?? [];

    public IReadOnlyList<string> LogoutUrls => Settings.LogoutURLs ?? [];

    public string? DefaultRedirectUri => Settings.DefaultRedirectURI;

    /// <summary>Whether the OAuth endpoints serve the client at all.</summary>
    public bool OAuthEnabled => Settings.AllowedOAuthFlowsUserPoolClient ?? false;

    /// <summary>Whether an OAuth flow (code, implicit, client_credentials) is allowed.</summary>
    public bool AllowsGrant(string flow) => OAuthEnabled && (Settings.AllowedOAuthFlows?.Contains(flow) ?? false);

    /// <summary>The identity providers at its hosted pages; unset counts as the pool itself.</summary>
    public IReadOnlyList<string> IdentityProviders => Settings.SupportedIdentityProviders is { Count: > 0 } listed ? listed : ["COGNITO"];

    /// <summary>The sign-in flows in force. A rotating client whose list is unset has the default without the refresh flow.</summary>
    public IReadOnlyList<string> AuthFlows => Settings.ExplicitAuthFlows is { Count: > 0 } listed ? listed
        : RotatesRefreshTokens ? [.. UnsetFlows.Where(flow => flow != "ALLOW_REFRESH_TOKEN_AUTH")] : UnsetFlows;

    /// <summary>Whether a flow is enabled, by the name that AuthFlow carries (USER_PASSWORD_AUTH) or by the listed one.</summary>
    public bool AllowsFlow(string name)
    {
        var flow = name switch
        {
            "REFRESH_TOKEN" => "REFRESH_TOKEN_AUTH",
            "ADMIN_NO_SRP_AUTH" => "ADMIN_USER_PASSWORD_AUTH",
            _ => name.StartsWith("ALLOW_", StringComparison.Ordinal) ? name["ALLOW_".Length..] : name,
        };
        return AuthFlows.Any(listed => Means(listed) == flow)
            // The lists of the first years had no name for the refresh and SRP flows: they were always on.
            || (flow is "REFRESH_TOKEN_AUTH" && !RotatesRefreshTokens && AuthFlows.All(IsLegacy))
            || (flow is "USER_SRP_AUTH" && AuthFlows.All(IsLegacy) && !AuthFlows.Contains("CUSTOM_AUTH_FLOW_ONLY"));
    }

    /// <summary>Whether tokens and GetUser may show an attribute; an unset list means all of them.</summary>
    public bool CanRead(string attribute) => Settings.ReadAttributes is not { Count: > 0 } listed || attribute == "sub" || listed.Contains(attribute);

    /// <summary>Whether the user may set an attribute through this client; an unset list means all but developer-only ones.</summary>
    public bool CanWrite(string attribute) => Settings.WriteAttributes is { Count: > 0 } listed
        ? listed.Contains(attribute)
        : !attribute.StartsWith("dev:", StringComparison.Ordinal);

    static bool IsLegacy(string flow) => !flow.StartsWith("ALLOW_", StringComparison.Ordinal);

    static string Means(string listed) => listed switch
    {
        "ADMIN_NO_SRP_AUTH" => "ADMIN_USER_PASSWORD_AUTH",
        "CUSTOM_AUTH_FLOW_ONLY" => "CUSTOM_AUTH",
        _ => IsLegacy(listed) ? listed : listed["ALLOW_".Length..],
    };
}
