using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>Hosts that redirect URIs may name with plain http beside the loopback ones: in dev, the names of the server itself.</summary>
public sealed record PlainHosts(IReadOnlyCollection<string> Names);

/// <summary>The rules for a client's settings that no single member's constraint can hold; create and update share them.</summary>
public sealed class ClientRules(ResourceServerStore servers, LifetimeBounds bounds, SignInOptions signIn, PlainHosts plain)
{
    /// <summary>The client as it is shown, with the defaults of this server.</summary>
    public UserPoolClientResponse Show(AppClient client) => UserPoolClientResponse.Of(client, signIn.PreventUserExistenceErrors);

    /// <summary>Refuses settings that contradict each other, the pool or its resource servers.</summary>
    public async Task Check(UserPool pool, ClientSettings settings, bool confidential, CancellationToken cancel)
    {
        CheckLifetimes(settings);
        CheckFlows(pool, settings);
        CheckAttributes(pool, settings);
        CheckOAuth(settings, confidential, plain.Names);
        await CheckScopes(pool, settings, confidential, cancel);
    }

    /// <summary>The settings as they are stored: a validity of 0 or none is 30 days, whatever unit came with it.</summary>
    public static ClientSettings Completed(ClientSettings settings) => settings.RefreshTokenValidity is > 0 ? settings : settings with
    {
        RefreshTokenValidity = 30,
        TokenValidityUnits = settings.TokenValidityUnits is { RefreshToken: not null } units ? units with { RefreshToken = "days" } : settings.TokenValidityUnits,
    };

    void CheckLifetimes(ClientSettings settings)
    {
        var (access, id, refresh) = (settings.AccessTokenLifetime(), settings.IdTokenLifetime(), settings.RefreshTokenLifetime());
        if (access < bounds.AccessMin || access > LifetimeBounds.AccessMax || id < bounds.AccessMin || id > LifetimeBounds.AccessMax
            || refresh < bounds.RefreshMin || refresh > LifetimeBounds.RefreshMax)
            throw CognitoException.InvalidParameter("Invalid range for token validity.");
        if (refresh < access || refresh < id)
            throw CognitoException.InvalidParameter("Refresh token validity must be at least as long as access and ID token validity.");
    }

    static void CheckFlows(UserPool pool, ClientSettings settings)
    {
        var flows = settings.ExplicitAuthFlows ?? [];
        if (flows.Any(flow => flow.StartsWith("ALLOW_", StringComparison.Ordinal)) && flows.Any(flow => !flow.StartsWith("ALLOW_", StringComparison.Ordinal)))
            throw CognitoException.InvalidParameter("ExplicitAuthFlows cannot mix values with and without the ALLOW_ prefix.");
        if (settings.RefreshTokenRotation?.Feature == "ENABLED" && flows.Contains("ALLOW_REFRESH_TOKEN_AUTH"))
            throw CognitoException.InvalidParameter("ALLOW_REFRESH_TOKEN_AUTH cannot be enabled together with refresh token rotation.");
        if (PoolOptions.Of(pool).NoSrp && flows.Contains("ALLOW_USER_SRP_AUTH"))
            throw CognitoException.InvalidParameter("ALLOW_USER_SRP_AUTH cannot be enabled in a pool that stores no SRP verifiers (poolhouse:NoSrp).");
        if (pool.Settings.UserPoolTier == "LITE" && flows.Contains("ALLOW_USER_AUTH"))
            throw new CognitoException("FeatureUnavailableInTierException", "ALLOW_USER_AUTH is not available in the LITE tier.");
        foreach (var provider in settings.SupportedIdentityProviders ?? [])
            if (provider != "COGNITO") throw CognitoException.InvalidParameter($"The provider {provider} does not exist for User Pool {pool.Id}.");
    }

    static void CheckAttributes(UserPool pool, ClientSettings settings)
    {
        if ((settings.ReadAttributes ?? []).Any(name => pool.Attribute(name) is null))
            throw CognitoException.InvalidParameter("Invalid read attributes specified while creating a client");
        if (settings.WriteAttributes is not { Count: > 0 } writable) return;
        // Nobody vouches for his own address, and a required attribute that cannot be written would make sign-up impossible.
        if (writable.Any(name => pool.Attribute(name) is null || name is "sub" or "email_verified" or "phone_number_verified")
            || pool.Schema.Any(attribute => attribute is { Required: true, Name: not "sub" } && !writable.Contains(attribute.Name)))
            throw CognitoException.InvalidParameter("Invalid write attributes specified while creating a client");
    }

    static void CheckOAuth(ClientSettings settings, bool confidential, IReadOnlyCollection<string> plainHosts)
    {
        RedirectUris.Check("CallbackURLs", settings.CallbackURLs, plainHosts);
        RedirectUris.Check("LogoutURLs", settings.LogoutURLs, plainHosts);
        if (settings.DefaultRedirectURI is { } uri && !(settings.CallbackURLs ?? []).Contains(uri))
            throw CognitoException.InvalidParameter("DefaultRedirectURI must be one of the CallbackURLs.");
        var flows = settings.AllowedOAuthFlows ?? [];
        if (settings.AllowedOAuthFlowsUserPoolClient == true && (flows.Count == 0 || settings.AllowedOAuthScopes is not { Count: > 0 }))
            throw CognitoException.InvalidParameter(
                "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.");
        if (!flows.Contains("client_credentials")) return;
        if (flows.Contains("code") || flows.Contains("implicit"))
            throw new CognitoException("InvalidOAuthFlowException", "client_credentials flow can not be selected along with code flow or implicit flow.");
        if (!confidential)
            throw new CognitoException("InvalidOAuthFlowException", "client_credentials flow can not be selected if client does not have a client secret.");
    }

    async Task CheckScopes(UserPool pool, ClientSettings settings, bool confidential, CancellationToken cancel)
    {
        var custom = (settings.AllowedOAuthScopes ?? []).Where(scope => !ResourceServer.StandardScopes.Contains(scope)
            && !(confidential && ResourceServer.ReservedScopes.Contains(scope))).ToArray();
        if (custom.Length == 0) return;
        var known = await servers.Scopes(pool.Id, cancel);
        if (Array.Find(custom, scope => !known.Contains(scope)) is { } unknown)
            throw new CognitoException("ScopeDoesNotExistException", $"Invalid scope requested: {unknown}");
    }
}
