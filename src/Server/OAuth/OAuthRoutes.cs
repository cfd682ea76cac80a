namespace Poolhouse.Server.OAuth;

/// <summary>
/// The OAuth 2 and OpenID Connect endpoints (cognito/oauth-endpoints.md).
///   GET  /oauth2/authorize   AuthorizeEndpoint   → /login or back to the client
///   POST /oauth2/token       TokenEndpoint       → CodeGrant, SignIn/RefreshSession, MachineGrant
///   POST /oauth2/revoke      RevokeEndpoint      POST /oauth2/introspect  IntrospectEndpoint
///   GET  /oauth2/userInfo    UserInfoEndpoint    GET  /logout             LogoutEndpoint
///   GET  /{poolId}/.well-known/…                 DiscoveryEndpoints
/// </summary>
static class OAuthRoutes
{
    public static void AddOAuth(this IServiceCollection services) => services
        .AddSingleton<OAuthErrors>().AddSingleton<TokenEndpoint>().AddSingleton<ClientAuthentication>().AddSingleton<CodeGrant>().AddSingleton<MachineGrant>()
        .AddSingleton<Introspection>().AddSingleton<LogoutHints>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/oauth2/authorize", AuthorizeEndpoint.Handle);
        routes.MapGet("/logout", LogoutEndpoint.Handle);

        var api = routes.MapGroup("").AddEndpointFilter(routes.ServiceProvider.GetRequiredService<OAuthErrors>().Render);
        api.MapPost("/oauth2/introspect", IntrospectEndpoint.Handle).AddEndpointFilter(NoStore);

        var open = api.MapGroup("").AddEndpointFilter(Cors);
        // The one that is called most: what it needs is looked for once, and not for each request.
        open.MapPost("/oauth2/token", routes.ServiceProvider.GetRequiredService<TokenEndpoint>().Handle).AddEndpointFilter(NoStore);
        open.MapPost("/oauth2/revoke", RevokeEndpoint.Handle).AddEndpointFilter(NoStore);
        foreach (var path in (string[])["/oauth2/token", "/oauth2/revoke"]) open.MapMethods(path, ["GET", "HEAD", "PUT", "PATCH", "DELETE"], PostOnly).AddEndpointFilter(NoStore);
        open.MapMethods("/oauth2/userInfo", ["GET", "POST"], UserInfoEndpoint.Handle).AddEndpointFilter(NoStore);
        open.MapGet("/{poolId}/.well-known/openid-configuration", DiscoveryEndpoints.Configuration);
        open.MapGet("/{poolId}/.well-known/jwks.json", DiscoveryEndpoints.Keys);
        foreach (var path in (string[])["/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/{poolId}/.well-known/{document}"])
            routes.MapMethods(path, ["OPTIONS"], Preflight);
    }

    // These carry no cookie, so a foreign origin can do nothing with them that curl could not.
    static ValueTask<object?> Cors(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.AccessControlAllowOrigin = "*";
        context.HttpContext.Response.Headers.AccessControlExposeHeaders = "WWW-Authenticate, Retry-After, x-amz-cognito-request-id";
        return next(context);
    }

    // Routing's own 405 has no CORS header: the page that made the mistake could not read what it was.
    static IResult PostOnly(HttpResponse response)
    {
        response.Headers.Allow = "POST";
        throw new OAuthException("invalid_request", "The method must be POST.", StatusCodes.Status405MethodNotAllowed);
    }

    static IResult Preflight(HttpResponse response)
    {
        var headers = response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "authorization, content-type";
        headers.AccessControlMaxAge = "86400";
        return TypedResults.NoContent();
    }

    static ValueTask<object?> NoStore(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.CacheControl = "no-cache, no-store, max-age=0, must-revalidate";
        headers.Pragma = "no-cache";
        headers["x-amz-cognito-request-id"] = Http.Requests.Id;
        return next(context);
    }
}
