using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Clients;

/// <summary>
/// Every setting of an app client that UpdateUserPoolClient replaces. Wire shape and stored shape at once: the member
/// names are the API's, and a member that was left out is null and means its default.
/// </summary>
public record ClientSettings
{
    [Range(0, 315360000)]
    public int? RefreshTokenValidity { get; init; }

    [Range(1, 86400)]
    public int? AccessTokenValidity { get; init; }

    [Range(1, 86400)]
    public int? IdTokenValidity { get; init; }

    public TokenValidityUnits? TokenValidityUnits { get; init; }

    [Length(1, 2048, On = Part.Each)]
    public IReadOnlyList<string>? ReadAttributes { get; init; }

    [Length(1, 2048, On = Part.Each)]
    public IReadOnlyList<string>? WriteAttributes { get; init; }

    [OneOf("ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
        "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", On = Part.Each)]
    public IReadOnlyList<string>? ExplicitAuthFlows { get; init; }

    [Length(1, 32, On = Part.Each), Pattern(@"[\p{L}\p{M}\p{S}\p{N}\p{P}\p{Z}]+", On = Part.Each)]
    public IReadOnlyList<string>? SupportedIdentityProviders { get; init; }

    [Length(0, 100), RedirectUrl(On = Part.Each)]
    public IReadOnlyList<string>? CallbackURLs { get; init; }

    [Length(0, 100), RedirectUrl(On = Part.Each)]
    public IReadOnlyList<string>? LogoutURLs { get; init; }

    [RedirectUrl]
    public string? DefaultRedirectURI { get; init; }

    [Length(0, 3), OneOf("code", "implicit", "client_credentials", On = Part.Each)]
    public IReadOnlyList<string>? AllowedOAuthFlows { get; init; }

    [Length(0, 50), ScopeText(On = Part.Each)]
    public IReadOnlyList<string>? AllowedOAuthScopes { get; init; }

    public bool? AllowedOAuthFlowsUserPoolClient { get; init; }

    public AnalyticsConfiguration? AnalyticsConfiguration { get; init; }

    [OneOf("LEGACY", "ENABLED")]
    public string? PreventUserExistenceErrors { get; init; }

    public bool? EnableTokenRevocation { get; init; }

    public bool? EnablePropagateAdditionalUserContextData { get; init; }

    [Range(3, 15)]
    public int? AuthSessionValidity { get; init; }

    public RefreshTokenRotation? RefreshTokenRotation { get; init; }
}

/// <summary>The units in which the three lifetimes are given.</summary>
public sealed record TokenValidityUnits(
    [OneOf("seconds", "minutes", "hours", "days")] string? AccessToken = null,
    [OneOf("seconds", "minutes", "hours", "days")] string? IdToken = null,
    [OneOf("seconds", "minutes", "hours", "days")] string? RefreshToken = null);

/// <summary>Whether each refresh replaces the refresh token, and for how long the old one is still answered.</summary>
public sealed record RefreshTokenRotation(
    [OneOf("ENABLED", "DISABLED")] string Feature,
    [Range(0, 60)] int? RetryGracePeriodSeconds = null);

/// <summary>An analytics project; stored and shown.</summary>
public sealed record AnalyticsConfiguration(
    [Pattern("^[0-9a-fA-F]+$")] string? ApplicationId = null,
    [Arn] string? ApplicationArn = null,
    [Arn] string? RoleArn = null,
    [Text] string? ExternalId = null,
    bool? UserDataShared = null);
