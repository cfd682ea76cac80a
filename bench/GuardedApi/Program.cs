using Poolhouse.Guard.AspNetCore;

namespace Poolhouse.GuardedApi;

/// An API of one line: open to everybody, behind JwtBearer as its documentation sets it up, or behind the guard.
static class Program
{
    static async Task Main(string[] args)
    {
        var (port, kind, issuer, client) = (args[0], args[1], args[2], args[3]);
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (kind == "bearer")
            builder.Services.AddAuthentication().AddJwtBearer(options =>
            {
                options.Authority = issuer;
                options.RequireHttpsMetadata = false;
                options.TokenValidationParameters.ValidateAudience = false; // Cognito's access tokens have none
            });
        if (kind == "guard")
            builder.Services.AddAuthentication().AddCognitoGuard(options =>
            {
                options.Issuer = issuer;
                options.ClientIds = [client];
            });
        builder.Services.AddAuthorization();

        var app = builder.Build();
        app.MapGet("/ready", () => "ready");
        var route = app.MapGet("/", () => "hello");
        if (kind != "open") route.RequireAuthorization();
        await app.RunAsync();
    }
}
