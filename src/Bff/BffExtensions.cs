using System.Buffers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Poolhouse.Bff.Endpoints;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Proxy;
using Poolhouse.Bff.Refreshing;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff;

/// <summary>Adds the backend for frontends to an application: its services, its endpoints, and the APIs behind it.</summary>
public static class BffExtensions
{
    /// <summary>
    /// The authentication scheme of the session, for endpoints of the application's own: <c>RequireAuthorization(policy => policy.AddAuthenticationSchemes(BffExtensions.SessionScheme).RequireAuthenticatedUser())</c>.
    /// It wants the header <c>X-Bff: 1</c> as every call does. It is no default scheme.
    /// </summary>
    public const string SessionScheme = "Poolhouse.Bff";

    static readonly SearchValues<char> NotInPrefix = SearchValues.Create("{}*%\\?#");

    internal const string OpenIdScheme = "Poolhouse.Bff.OpenId";

    /// <summary>Adds the services of the Bff.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its bounds; the message names it.</exception>
    public static IHostApplicationBuilder AddPoolhouseBff(this IHostApplicationBuilder builder, Action<BffOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var given = new BffOptions();
        configure(given);
        var options = CheckedBffOptions.Of(given);
        var services = builder.Services;
        var seal = new Seal(options.Key);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options).AddSingleton(seal).AddSingleton(new StateProtection(seal.Derive("state", "")));
        services.AddSingleton(provider => given.Store?.Invoke(provider) ?? new MemorySessionStore());
        services.AddSingleton<BffTelemetry>().AddSingleton<RevokedSessions>().AddSingleton<SessionWatch>().AddSingleton<SessionVault>();
        services.AddSingleton<ProviderHttp>().AddSingleton<ProviderClient>().AddSingleton<LogoutTokens>();
        services.AddSingleton<TokenLifetimes>().AddSingleton<ClaimedRefresh>().AddSingleton<TokenRefresh>();
        services.AddSingleton<BffCookies>().AddSingleton<CallGate>().AddSingleton<CallFilter>().AddSingleton<SessionAccess>();
        services.AddSingleton<LoginEndpoint>().AddSingleton<CallbackEndpoint>().AddSingleton<LogoutEndpoint>().AddSingleton<SessionEndpoints>().AddSingleton<BackchannelLogout>();
        services.AddSingleton<ApiForwarder>().AddHttpForwarder();
        services.AddSingleton(provider => new BffSessions(provider.GetRequiredService<SessionVault>(), provider.GetRequiredService<ProviderClient>()));
        services.AddHostedService<FeedReader>().AddHostedService<BffUpkeep>();
        AddSchemes(services);
        return builder;
    }

    /// <summary>Serves <c>/bff/login</c>, <c>/bff/callback</c>, <c>/bff/logout</c>, <c>/bff/signed-out</c>, <c>/bff/session</c>, <c>/bff/backchannel-logout</c>, and <c>/bff/token</c> where <see cref="BffOptions.HandOutAccessTokens"/> is set.</summary>
    /// <param name="routes">The application.</param>
    public static void MapBff(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var services = routes.ServiceProvider;
        var options = services.GetRequiredService<CheckedBffOptions>();
        var filter = services.GetRequiredService<CallFilter>();
        var logout = services.GetRequiredService<LogoutEndpoint>();
        var session = services.GetRequiredService<SessionEndpoints>();
        Map("GET", "login", context => filter.Navigation(context, services.GetRequiredService<LoginEndpoint>().Handle));
        Map("GET", "callback", context => filter.Navigation(context, one => CallbackEndpoint.Handle(one, one.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>())));
        Map("GET,POST", "logout", context => filter.Navigation(context, logout.Handle));
        Map("GET", "signed-out", logout.SignedOut);
        Map("GET", "session", context => filter.Call(context, session.Session));
        Map("POST", "backchannel-logout", context => filter.Safely(context, services.GetRequiredService<BackchannelLogout>().Handle));
        if (options.Given.HandOutAccessTokens) Map("POST", "token", context => filter.Call(context, session.Token));

        void Map(string methods, string name, RequestDelegate handle) => routes.MapMethods(options.Path(name), methods.Split(','), handle);
    }

    /// <summary>
    /// Passes calls under a path on to an API, with the session's access token in place of the cookie. The rest of the path is appended to the target as it came; one that could
    /// leave the target is 400. Without a session: 401 and <c>{"reason":…}</c>; while the provider is away: 503 with Retry-After. Redirects are not followed.
    /// </summary>
    /// <param name="routes">The application.</param>
    /// <param name="prefix">The path, like <c>/api</c>.</param>
    /// <param name="target">Where the API is, like <c>https://api.example.com</c> or <c>https://example.com/api/v1</c>, without a query and a slash at its end. An access token goes there: http only within a network that you trust.</param>
    /// <param name="configure">Sets further options.</param>
    /// <returns>The endpoint, to be given policies and limits.</returns>
    /// <exception cref="ArgumentException">Prefix, target or an option is not as said.</exception>
    public static IEndpointConventionBuilder MapBffApi(this IEndpointRouteBuilder routes, string prefix, string target, Action<BffApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        if (prefix is not ['/', _, ..] || prefix.EndsWith('/') || prefix.AsSpan().ContainsAny(NotInPrefix)) throw new ArgumentException("A prefix is a path like /api, without a slash at its end.", nameof(prefix));
        if (!Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0 || target.EndsWith('/'))
            throw new ArgumentException("A target is an http or https address without user, query, and a slash at its end.", nameof(target));
        var api = new BffApiOptions();
        configure?.Invoke(api);
        if (api.ActivityTimeout < TimeSpan.FromSeconds(1) || api.ActivityTimeout > TimeSpan.FromHours(1)) throw new ArgumentException("ActivityTimeout must be from 1 s to 1 h.", nameof(configure));
        var filter = routes.ServiceProvider.GetRequiredService<CallFilter>();
        var passing = new BffApi(target, api, routes.ServiceProvider.GetRequiredService<ApiForwarder>());
        return routes.Map(prefix + "/{**path}", context => filter.Call(context, passing.Handle));
    }

    // Not AddAuthentication and AddOpenIdConnect: they bring a key ring of the framework's that is written in clear into the home directory of each node.
    static void AddSchemes(IServiceCollection services)
    {
        services.AddAuthenticationCore().AddWebEncoders();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdSetup>());
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, BffSessionHandler>(SessionScheme, null)
            .AddScheme<OpenIdConnectOptions, OpenIdConnectHandler>(OpenIdScheme, null);
    }
}
