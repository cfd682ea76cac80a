using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Poolhouse.OpenIddictPeer;

/// OpenIddict as its documentation sets it up: EF Core on SQLite, token storage on, JWT access tokens signed with RS256.
static class Program
{
    const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    static async Task Main(string[] args)
    {
        var (port, file, rolling) = (args[0], args[1], args[2] == "rolling");
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls($"http://localhost:{port}");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddDbContext<PeerContext>(options => options.UseSqlite($"Data Source={file}").UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<PeerContext>())
            .AddServer(server => Configure(server, rolling));

        var app = builder.Build();
        await Seed(app.Services);
        app.UseAuthentication();
        app.MapPost("/token", (Delegate)Token);
        app.MapGet("/ready", () => "ready");
        await app.RunAsync();
    }

    static void Configure(OpenIddictServerBuilder server, bool rolling)
    {
        server.SetTokenEndpointUris("token").AllowPasswordFlow().AllowRefreshTokenFlow();
        server.RegisterScopes(Scopes.OpenId, Scopes.OfflineAccess);
        server.AddSigningKey(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "bench" });
        server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));
        server.DisableAccessTokenEncryption(); // all others here sign and do not encrypt
        if (!rolling) server.DisableRollingRefreshTokens().DisableSlidingRefreshTokenExpiration();
        server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
    }

    static async Task<IResult> Token(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest()!;
        if (request.IsRefreshTokenGrantType())
            return Results.SignIn((await context.AuthenticateAsync(Scheme)).Principal!, authenticationScheme: Scheme);
        if (request.Username != "bench" || request.Password != "Bench-password-1")
            return Results.Forbid(authenticationSchemes: [Scheme]);

        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, "bench").SetClaim(Claims.Name, "bench").SetClaim(Claims.Email, "bench@example.com");
        identity.SetScopes(request.GetScopes());
        identity.SetDestinations(_ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: Scheme);
    }

    static async Task Seed(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PeerContext>().Database.EnsureCreatedAsync();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = "bench",
            ClientType = ClientTypes.Public,
            Permissions =
            {
                Permissions.Endpoints.Token, Permissions.GrantTypes.Password, Permissions.GrantTypes.RefreshToken,
                Permissions.Prefixes.Scope + Scopes.OfflineAccess,
            },
        });
    }
}

/// The context that holds nothing but OpenIddict's own tables.
sealed class PeerContext(DbContextOptions<PeerContext> options) : DbContext(options);
