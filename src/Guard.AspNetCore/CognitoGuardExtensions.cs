using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Poolhouse.Guard.AspNetCore;

/// <summary>Adds the guard to ASP.NET Core: a scheme for authentication, policies for scopes and groups, and what routes may ask of revocation.</summary>
public static class CognitoGuardExtensions
{
    /// <summary>The name of the scheme where none is given.</summary>
    public const string DefaultScheme = "CognitoGuard";

    /// <summary>
    /// Checks the Bearer token of every request: genuine, in time, for one of the app clients, and not revoked. One pool; the scheme is named
    /// <see cref="DefaultScheme"/>.
    /// </summary>
    /// <param name="builder">From <c>AddAuthentication()</c>.</param>
    /// <param name="configure">Sets at least <see cref="CognitoGuardOptions.Issuer"/> and <see cref="CognitoGuardOptions.ClientIds"/>.</param>
    /// <exception cref="ArgumentException">At the start of the host: an option is missing or out of its bounds.</exception>
    public static AuthenticationBuilder AddCognitoGuard(this AuthenticationBuilder builder, Action<CognitoGuardOptions> configure) =>
        builder.AddCognitoGuard(DefaultScheme, configure);

    /// <summary>As <see cref="AddCognitoGuard(AuthenticationBuilder, Action{CognitoGuardOptions})"/>, under a name: an API that takes the tokens of several pools has a scheme for each.</summary>
    /// <param name="builder">From <c>AddAuthentication()</c>.</param>
    /// <param name="scheme">The name, also the key of the <see cref="CognitoGuard"/> among the services.</param>
    /// <param name="configure">Sets the options.</param>
    public static AuthenticationBuilder AddCognitoGuard(this AuthenticationBuilder builder, string scheme, Action<CognitoGuardOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        services.AddKeyedSingleton(scheme, (provider, _) =>
        {
            var options = new CognitoGuardOptions();
            configure(options);
            return new CognitoGuard(options, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>());
        });
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<CognitoGuard>(scheme));
        services.AddSingleton<IHostedService>(provider => new GuardStart(provider.GetRequiredKeyedService<CognitoGuard>(scheme)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuthorizationHandler, ScopeHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuthorizationHandler, GroupHandler>());
        services.AddAuthorizationCore();
        return builder.AddScheme<AuthenticationSchemeOptions, CognitoGuardHandler>(scheme, null);
    }

    /// <summary>The token must have all of these scopes; otherwise 403 with <c>insufficient_scope</c> (RFC 6750 §3.1).</summary>
    public static AuthorizationPolicyBuilder RequireScope(this AuthorizationPolicyBuilder policy, params string[] scopes)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.AddRequirements(new ScopeRequirement(scopes));
    }

    /// <summary>The user must be in one of these groups (<c>cognito:groups</c>, as of the last refresh); otherwise 403.</summary>
    public static AuthorizationPolicyBuilder RequireGroup(this AuthorizationPolicyBuilder policy, params string[] groups)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.AddRequirements(new GroupRequirement(groups));
    }

    /// <summary>As a policy of these routes: a good token with all of these scopes.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder routes, params string[] scopes) where TBuilder : IEndpointConventionBuilder =>
        routes.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireScope(scopes));

    /// <summary>As a policy of these routes: a good token of a user in one of these groups.</summary>
    public static TBuilder RequireGroup<TBuilder>(this TBuilder routes, params string[] groups) where TBuilder : IEndpointConventionBuilder =>
        routes.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireGroup(groups));

    /// <summary>What these routes ask of the guard's knowledge of revocations.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="critical">See <see cref="GuardDemand.Critical"/>.</param>
    /// <param name="staleFor">See <see cref="GuardDemand.StaleFor"/>.</param>
    /// <param name="passWhenBlind">See <see cref="GuardDemand.PassWhenBlind"/>.</param>
    public static TBuilder WithRevocation<TBuilder>(this TBuilder routes, bool critical = false, TimeSpan? staleFor = null, string? passWhenBlind = null)
        where TBuilder : IEndpointConventionBuilder =>
        routes.WithMetadata(new RevocationDemandAttribute(new GuardDemand { Critical = critical, StaleFor = staleFor, PassWhenBlind = passWhenBlind }));

    // The guard's first request must not be the one that fetches keys and revocations.
    sealed class GuardStart(CognitoGuard guard) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => guard.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>On a controller or an action: what it asks of the guard's knowledge of revocations.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RevocationDemandAttribute : Attribute
{
    GuardDemand? demand;

    /// <summary>Asks for nothing until a property is set.</summary>
    public RevocationDemandAttribute()
    {
    }

    internal RevocationDemandAttribute(GuardDemand demand) => this.demand = demand;

    /// <summary>See <see cref="GuardDemand.Critical"/>.</summary>
    public bool Critical { get; set; }

    /// <summary>Seconds; see <see cref="GuardDemand.StaleFor"/>. 0 is the guard's own bound.</summary>
    public int StaleForSeconds { get; set; }

    /// <summary>See <see cref="GuardDemand.PassWhenBlind"/>.</summary>
    public string? PassWhenBlind { get; set; }

    internal GuardDemand Demand => demand ??= new() { Critical = Critical, StaleFor = StaleForSeconds > 0 ? TimeSpan.FromSeconds(StaleForSeconds) : null, PassWhenBlind = PassWhenBlind };
}
